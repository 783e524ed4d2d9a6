import { useSignal } from '@preact/signals'
import { useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { keyLines } from './key-lines.ts'

/** A key as long as it can be seen, with the first call that it makes. */
export function NewKey ({ value, onClose }: { readonly value: string, readonly onClose: () => void }) {
  const { texts: { settings: texts, shell }, toasts } = useConsole()
  const lines = keyLines(location.origin, value)
  const shown = useSignal('curl')
  const current = lines.find(({ id }) => id === shown.value)

  async function copy (text: string): Promise<void> {
    await navigator.clipboard.writeText(text)
    toasts.say(texts.copied)
  }

  return (
    <Dialog title={texts.yourKey} isWide onClose={onClose}>
      <p>{texts.shownOnce}</p>
      <div class="joined"><code class="secret">{value}</code><Button kind="primary" onPress={async () => await copy(value)}>{texts.copyKey}</Button></div>
      <Tabs label={texts.firstCall} tabs={lines} current={shown.value} onChange={(id) => { shown.value = id }}>
        <pre class="code lines" tabIndex={0}>{current?.code}</pre>
        <div><Button onPress={async () => await copy(current?.code ?? '')}>{texts.copyLines}</Button></div>
      </Tabs>
      <div class="actions"><Button onPress={onClose}>{shell.close}</Button></div>
    </Dialog>
  )
}
