import type { Invitation } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'

/** Projects that others share, until that is accepted or declined. */
export function Invitations ({ invitations, onChanged }: { readonly invitations: readonly Invitation[], readonly onChanged: () => void }) {
  const { api, texts: { home: texts } } = useConsole()
  const attempt = useAttempt()
  const act = async (action: () => Promise<unknown>): Promise<void> => {
    await attempt(action)
    onChanged()
  }
  return invitations.map(({ id, project, owner }) => (
    <section key={id} class="card invitation">
      <p>{texts.invited(project.name, owner.email ?? texts.somebody)}</p>
      <Button kind="primary" onPress={async () => await act(async () => await api.post(`/invitations/${id}/accept`))}>{texts.join}</Button>
      <Button onPress={async () => await act(async () => await api.delete(`/invitations/${id}`))}>{texts.decline}</Button>
    </section>
  ))
}
