import { useSignal } from '@preact/signals'
import { describeAgo } from '../../ago.ts'
import type { MemberRole } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { Table } from '../../ui/table.tsx'
import { LinkDialog } from '../link-dialog.tsx'
import { memberRoles } from './members.tsx'

interface Invitation {
  readonly id: string
  readonly email: string | null
  readonly role: MemberRole
  readonly uses: number
  readonly maxUses: number | null
  readonly expiresAt: string
}

/** Who may come to work in it: people by their email, and whoever has a link. */
export function Invitations ({ path }: { readonly path: string }) {
  const { api, texts: { projectSettings: texts, signIn, settings, admin, shell, locale }, toasts } = useConsole()
  const attempt = useAttempt()
  const link = useSignal<string | undefined>(undefined)
  const { items, load, more } = usePaged<Invitation>(`${path}/invitations`, 'invitations')
  const roles = <Select label={admin.role} name="role">{memberRoles.map((role) => <option key={role} value={role}>{texts.roles[role]}</option>)}</Select>

  async function withdraw (id: string): Promise<void> {
    await attempt(async () => await api.delete(`${path}/invitations/${id}`))
    await load()
  }

  const usesOf = ({ email, uses, maxUses }: Invitation): string => email !== null ? '–' : maxUses === null ? String(uses) : texts.usesOf(uses, maxUses)

  return (
    <section class="card stack" aria-label={texts.invitations}>
      <h2>{texts.invitations}</h2>
      <Table
        caption={texts.invitations} head={[texts.whom, admin.role, texts.used, settings.expires, settings.actions]} none={texts.noInvitations} more={shell.more} onMore={more}
        rows={items.value?.map((invitation) => ({
          id: invitation.id,
          cells: [
            <span class="wrap" key="whom">{invitation.email ?? texts.link}</span>, texts.roles[invitation.role], usesOf(invitation), describeAgo(invitation.expiresAt, new Date(), locale),
            <Button key="withdraw" aria-label={texts.withdrawOf(invitation.email ?? texts.link)} onPress={async () => await withdraw(invitation.id)}>{texts.withdraw}</Button>
          ]
        }))}
      />
      <Form
        title={texts.invite} heading="h3" class="row" kind="plain" action={texts.inviteAction} fieldOf={{ BAD_REQUEST: 'email', MEMBER_QUOTA: 'email' }} onSubmit={async ({ email = '', role }, form) => {
          await api.post(`${path}/members`, { email: email.trim(), role })
          form.reset()
          toasts.say(texts.invited)
          await load()
        }}
      >
        <Field label={signIn.email} name="email" type="email" pattern="[^@\s]+@[^@\s]+\.[^@\s]+" title={signIn.emailRule} required autocomplete="off" />
        {roles}
      </Form>
      <Form
        title={texts.inviteByLink} heading="h3" class="row" kind="plain" action={admin.makeLink} fieldOf={{ MEMBER_QUOTA: 'maxUses' }} onSubmit={async ({ role, maxUses = '' }, form) => {
          link.value = (await api.post<{ link: string }>(`${path}/invitations`, { role, ...(maxUses === '' ? {} : { maxUses: Number(maxUses) }) })).link
          form.reset()
          await load()
        }}
      >
        {roles}
        <Field label={texts.maxUses} name="maxUses" type="number" min={1} max={10_000} />
      </Form>
      {link.value !== undefined && <LinkDialog title={admin.invitation} text={texts.linkText} link={link.value} onClose={() => { link.value = undefined }} />}
    </section>
  )
}
