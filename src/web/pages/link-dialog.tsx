import { useConsole } from '../shell/console.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'

/** A link for somebody, shown this once. */
export function LinkDialog ({ title, text, link, onClose }: { readonly title: string, readonly text: string, readonly link: string, readonly onClose: () => void }) {
  const { texts: { admin: texts, settings, shell }, toasts } = useConsole()
  async function copy (): Promise<void> {
    await navigator.clipboard.writeText(link)
    toasts.say(settings.copied)
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <code class="secret">{link}</code>
      <div class="actions"><Button kind="primary" onPress={copy}>{texts.copyLink}</Button><Button onPress={onClose}>{shell.close}</Button></div>
    </Dialog>
  )
}
