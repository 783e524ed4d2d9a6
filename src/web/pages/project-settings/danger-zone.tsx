import { useSignal } from '@preact/signals'
import type { Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { FieldError } from '../../ui/problems.ts'

/** Whatever cannot be undone: its end, for its owner; leaving it, for the others. */
export function DangerZone ({ project: { name, role }, path }: { readonly project: Project, readonly path: string }) {
  const { api, texts: { projectSettings: texts, home, shell }, session, router, confirmations, toasts } = useConsole()
  const attempt = useAttempt()
  const isDeleting = useSignal(false)
  const close = (): void => { isDeleting.value = false }

  async function leave (): Promise<void> {
    if (!await confirmations.ask({ title: texts.leaveOf(name), text: texts.leaveText, action: texts.leave })) return
    await attempt(async () => {
      await api.delete(`${path}/members/${session.user.peek()?.id ?? ''}`)
      router.go('/')
    })
  }

  const title = role === 'owner' ? texts.delete : texts.leave
  return (
    <section class="card danger-zone" aria-label={title}>
      <h2>{title}</h2>
      <p>{role === 'owner' ? home.removeText : texts.leaveText}</p>
      <div><Button class="quiet-danger" onPress={role === 'owner' ? () => { isDeleting.value = true } : leave}>{title}</Button></div>
      {isDeleting.value && (
        <Dialog title={home.removeOf(name)} isTitleShown={false} onClose={close}>
          <Form
            title={home.removeOf(name)} action={texts.delete} kind="danger" foot={<Button onPress={close}>{shell.cancel}</Button>} onSubmit={async ({ confirmation = '' }) => {
              if (confirmation.trim() !== name) throw new FieldError('confirmation', texts.otherName)
              await api.delete(path)
              router.go('/')
              toasts.say(texts.deleted(name))
            }}
          >
            <p>{home.removeText}</p>
            <Field label={texts.typeName(name)} name="confirmation" required autocomplete="off" spellcheck={false} autoFocus />
          </Form>
        </Dialog>
      )}
    </section>
  )
}
