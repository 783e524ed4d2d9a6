import { useSignal } from '@preact/signals'
import type { User } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Field, Select } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import { Table } from '../../ui/table.tsx'
import { LinkDialog } from '../link-dialog.tsx'

interface KnownUser extends User {
  readonly disabledAt: string | null
}

const ROLES = ['user', 'teacher', 'admin'] as const

/** Accounts: who is invited, may do what, and has forgotten a password. */
export function Users () {
  const { api, texts: { admin: texts, signIn, shell, settings }, session, confirmations } = useConsole()
  const attempt = useAttempt()
  const search = useSignal('')
  const link = useSignal<{ title: string, link: string } | undefined>(undefined)
  const { items, load, more } = usePaged<KnownUser>(`/api/users${search.value === '' ? '' : `?search=${encodeURIComponent(search.value)}`}`, 'users')

  async function act (action: () => Promise<unknown>): Promise<void> {
    await attempt(action)
    await load()
  }

  async function remove ({ id, email }: KnownUser): Promise<void> {
    if (await confirmations.ask({ title: texts.deleteUser(email ?? ''), text: texts.deleteUserText, action: settings.delete })) await act(async () => await api.delete(`/api/users/${id}`))
  }

  function itemsOf (user: KnownUser): MenuItem[][] {
    const path = `/api/users/${user.id}`
    const roles = ROLES.map((role) => ({ label: texts.roles[role], isChosen: user.role === role, onPress: async () => await act(async () => await api.patch(path, { role })) }))
    const isDisabled = user.disabledAt !== null
    const rest: MenuItem[] = [
      { label: texts.resetLink, onPress: async () => await attempt(async () => { link.value = { title: texts.resetLink, ...await api.post<{ link: string }>(`${path}/reset-link`) } }) },
      { label: isDisabled ? texts.enable : texts.disable, onPress: async () => await act(async () => await api.patch(path, { disabled: !isDisabled })) },
      { label: settings.delete, isDangerous: true, onPress: async () => await remove(user) }
    ]
    return user.id === session.user.value?.id ? [roles] : [roles, rest]
  }

  return (
    <>
      <input type="search" class="search" aria-label={texts.searchUsers} placeholder={texts.searchUsers} onInput={(event) => { search.value = event.currentTarget.value.trim() }} />
      <Table
        caption={texts.sections.users} head={[signIn.email, settings.name, texts.role, texts.state, settings.actions]} none={texts.noUsers} more={shell.more} onMore={more}
        rows={items.value?.map((user) => ({
          id: user.id,
          cells: [
            user.email ?? '–', user.name ?? '–', texts.roles[user.role], user.disabledAt === null ? texts.active : texts.disabled,
            <Menu key="menu" label={texts.change(user.email ?? '')} button="⋯" class="icon" groups={itemsOf(user)} />
          ]
        }))}
      />
      <section class="card">
        <Form
          title={texts.invite} class="row" action={texts.makeLink} onSubmit={async ({ email = '', role }, form) => {
            const answer = await api.post<{ link: string }>('/api/users/invitations', { role, ...(email.trim() === '' ? {} : { email: email.trim() }) })
            form.reset()
            link.value = { title: texts.invitation, link: answer.link }
          }}
        >
          <Field label={texts.inviteEmail} name="email" type="email" autocomplete="off" />
          <Select label={texts.role} name="role">{ROLES.map((role) => <option key={role} value={role}>{texts.roles[role]}</option>)}</Select>
        </Form>
      </section>
      {link.value !== undefined && <LinkDialog {...link.value} text={texts.linkText} onClose={() => { link.value = undefined }} />}
    </>
  )
}
