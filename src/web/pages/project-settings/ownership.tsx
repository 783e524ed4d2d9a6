import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Person, Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Select } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { nameOf, type Member } from './members.tsx'

interface Offer {
  readonly user: Person
}

/** Hands it to a member, who takes it over or declines. */
export function Ownership ({ role, path, onChanged }: { readonly role: Project['role'], readonly path: string, readonly onChanged: (project: Project) => void }) {
  const { api, texts: { projectSettings: texts, home }, toasts } = useConsole()
  const attempt = useAttempt()
  const offer = useSignal<Offer | null>(null)
  const members = useSignal<readonly Member[]>([])
  const isOwner = role === 'owner'

  async function read (): Promise<void> {
    offer.value = (await api.get<{ offer: Offer | null }>(`${path}/ownership`)).offer
    if (isOwner) members.value = (await api.get<{ members: Member[] }>(`${path}/members`)).members.filter((member) => member.role !== 'owner')
  }
  async function withdraw (): Promise<void> {
    await attempt(async () => await api.delete(`${path}/ownership`))
    await attempt(read)
  }
  useEffect(() => void attempt(read), [path])

  if (!isOwner && offer.value === null) return null
  return (
    <section class="card stack" aria-label={texts.ownership}>
      {!isOwner && (
        <Form
          title={texts.ownership} action={texts.takeOver} foot={<Button onPress={withdraw}>{home.decline}</Button>} onSubmit={async () => {
            onChanged(await api.post<Project>(`${path}/ownership/accept`))
            toasts.say(texts.taken)
          }}
        ><p>{texts.offeredToYou}</p></Form>
      )}
      {isOwner && offer.value !== null && (
        <>
          <h2>{texts.ownership}</h2>
          <p>{texts.offeredTo(nameOf(offer.value.user))}</p>
          <div><Button onPress={withdraw}>{texts.withdraw}</Button></div>
        </>
      )}
      {isOwner && offer.value === null && (
        <Form
          title={texts.ownership} kind="plain" action={texts.offer} fieldOf={{ MEMBER_NOT_FOUND: 'user', PROJECT_IS_COPY: 'user' }} onSubmit={async ({ user }) => {
            offer.value = (await api.post<{ offer: Offer }>(`${path}/ownership`, { user })).offer
          }}
        >
          <p class="quiet">{texts.ownershipText}</p>
          <Select label={texts.heir} name="user" required onFocus={() => void attempt(read)}>
            <option value="">{members.value.length === 0 ? texts.noMembers : texts.nobody}</option>
            {members.value.map(({ user }) => <option key={user.id} value={user.id}>{nameOf(user)}</option>)}
          </Select>
        </Form>
      )}
    </section>
  )
}
