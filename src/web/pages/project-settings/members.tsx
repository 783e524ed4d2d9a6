import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { describeAgo } from '../../ago.ts'
import type { MemberRole, Person } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Table } from '../../ui/table.tsx'

export interface Member {
  readonly user: Person
  readonly role: MemberRole | 'owner'
  readonly since: string
}

export const memberRoles: readonly MemberRole[] = ['editor', 'viewer']
export const nameOf = ({ name, email }: Person): string => name ?? email ?? '–'

/** Who works in it. */
export function Members ({ path, isOwner }: { readonly path: string, readonly isOwner: boolean }) {
  const { api, texts: { projectSettings: texts, settings, admin, shell, locale }, confirmations } = useConsole()
  const attempt = useAttempt()
  const members = useSignal<readonly Member[] | undefined>(undefined)
  const load = async (): Promise<void> => await attempt(async () => { members.value = (await api.get<{ members: Member[] }>(`${path}/members`)).members })
  useEffect(() => void load(), [path])

  async function act (action: () => Promise<unknown>): Promise<void> {
    await attempt(action)
    await load()
  }
  async function remove ({ user }: Member): Promise<void> {
    if (await confirmations.ask({ title: texts.removeMember(nameOf(user)), text: texts.removeMemberText, action: texts.remove })) await act(async () => await api.delete(`${path}/members/${user.id}`))
  }

  return (
    <section class="card stack" aria-label={texts.members}>
      <h2>{texts.members}</h2>
      <Table
        caption={texts.members} head={[admin.who, admin.role, settings.since, ...(isOwner ? [settings.actions] : [])]} none="" more={shell.more} onMore={undefined}
        rows={members.value?.map((member) => ({
          id: member.user.id,
          cells: [
            <span class="wrap" key="who">{nameOf(member.user)}</span>,
            isOwner && member.role !== 'owner'
              ? <RoleSelect key="role" label={texts.roleOf(nameOf(member.user))} value={member.role} onChange={async (role) => await act(async () => await api.patch(`${path}/members/${member.user.id}`, { role }))} />
              : texts.roles[member.role],
            describeAgo(member.since, new Date(), locale),
            ...(!isOwner ? [] : [member.role === 'owner' ? '' : <Button key="remove" class="quiet-danger" aria-label={texts.removeOf(nameOf(member.user))} onPress={async () => await remove(member)}>{texts.remove}</Button>])
          ]
        }))}
      />
    </section>
  )
}

function RoleSelect ({ label, value, onChange }: { readonly label: string, readonly value: MemberRole, readonly onChange: (role: MemberRole) => Promise<void> }) {
  const { texts: { projectSettings: texts } } = useConsole()
  return (
    <select aria-label={label} value={value} onChange={(event) => void onChange(event.currentTarget.value as MemberRole)}>
      {memberRoles.map((role) => <option key={role} value={role}>{texts.roles[role]}</option>)}
    </select>
  )
}
