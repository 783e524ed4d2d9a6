import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { fromLocalTime, toLocalTime, type Assignment } from './assignment.ts'

/** What an assignment is called, when it is due, whether it can be opened, and its end. */
export function AssignmentForm ({ assignment: { name, dueAt, closedAt }, path, onChanged }: { readonly assignment: Assignment, readonly path: string, readonly onChanged: (assignment: Assignment) => void }) {
  const { api, texts: { classes: texts, settings, newProject }, router, confirmations, toasts } = useConsole()
  const attempt = useAttempt()

  async function remove (): Promise<void> {
    if (!await confirmations.ask({ title: texts.deleteOf(name), text: texts.deleteText, action: settings.delete })) return
    await attempt(async () => {
      await api.delete(path)
      router.go('/classes')
    })
  }

  return (
    <section class="card">
      <Form
        title={texts.assignment} class="row" action={settings.save} foot={<Button class="quiet-danger" onPress={remove}>{texts.delete}</Button>}
        onSubmit={async (fields) => {
          const { assignment } = await api.patch<{ assignment: Assignment }>(path, { name: fields['name']?.trim(), dueAt: fromLocalTime(fields['dueAt']) ?? null, closed: fields['closed'] !== undefined })
          onChanged(assignment)
          toasts.say(settings.saved)
        }}
      >
        <Field label={settings.name} name="name" defaultValue={name} required maxLength={100} pattern=".*\S.*" title={newProject.blankName} autocomplete="off" />
        <Field label={texts.dueField} name="dueAt" type="datetime-local" defaultValue={toLocalTime(dueAt)} />
        <label class="check"><input type="checkbox" name="closed" defaultChecked={closedAt !== null} /> {texts.closedField}</label>
      </Form>
    </section>
  )
}
