import { useSignal } from '@preact/signals'
import { toApiError } from '../../../client/rest/error.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'
import { LinkDialog } from '../link-dialog.tsx'
import type { Assignment } from './assignment.ts'

/** What is done with everybody's copy at once. */
export function ClassWork ({ assignment: { name }, path, onTaken }: { readonly assignment: Assignment, readonly path: string, readonly onTaken: () => Promise<void> }) {
  const { api, texts: { classes: texts, shell }, confirmations, toasts } = useConsole()
  const attempt = useAttempt()
  const isCollecting = useSignal(false)
  const link = useSignal<string | undefined>(undefined)
  const close = (): void => { isCollecting.value = false }

  async function renewLink (): Promise<void> {
    if (!await confirmations.ask({ title: texts.newLink, text: texts.newLinkText, action: texts.newLink })) return
    await attempt(async () => { link.value = (await api.post<{ link: string }>(`${path}/link`)).link })
  }

  async function snapshotAll (): Promise<void> {
    await attempt(async () => {
      const answer = await fetch(`${path}/snapshots`, { method: 'POST' })
      if (!answer.ok) throw await toApiError(answer)
      const lines = (await answer.text()).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { readonly error: object | null })
      const failed = lines.filter(({ error }) => error !== null).length
      if (failed > 0) toasts.complain(texts.notTaken(failed, lines.length))
      else toasts.say(texts.taken(lines.length))
    })
    await onTaken()
  }

  async function collect (exclude: readonly string[]): Promise<void> {
    const query = new URLSearchParams(exclude.map((part) => ['exclude', part]))
    const answer = await fetch(`${path}/collect?${query.toString()}`, { method: 'POST' })
    if (!answer.ok) throw await toApiError(answer)
    const url = URL.createObjectURL(await answer.blob())
    Object.assign(document.createElement('a'), { href: url, download: `${name}.tar.gz` }).click()
    URL.revokeObjectURL(url)
    close()
  }

  return (
    <div class="actions">
      <Button kind="primary" onPress={() => { isCollecting.value = true }}>{texts.collect}</Button>
      <Button onPress={snapshotAll}>{texts.snapshotAll}</Button>
      <Button onPress={renewLink}>{texts.newLink}</Button>
      {isCollecting.value && (
        <Dialog title={texts.collect} isTitleShown={false} onClose={close}>
          <Form title={texts.collect} action={texts.download} foot={<Button onPress={close}>{shell.cancel}</Button>} onSubmit={async ({ exclude = '' }) => await collect(exclude.split(/[\s,]+/).filter((part) => part !== ''))}>
            <p>{texts.collectText}</p>
            <Field label={texts.exclude} name="exclude" defaultValue="node_modules .venv .git" autocomplete="off" spellcheck={false} />
          </Form>
        </Dialog>
      )}
      {link.value !== undefined && <LinkDialog title={texts.link} text={texts.linkText} link={link.value} onClose={() => { link.value = undefined }} />}
    </div>
  )
}
