import { useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'

interface Line {
  readonly seq: number
  readonly stream: 'stdout' | 'stderr'
  readonly data: string
}

/** What a run has printed, as far as that is kept. */
export function RunLog ({ id, title, onClose }: { readonly id: string, readonly title: string, readonly onClose: () => void }) {
  const { texts: { runs: texts, shell, run } } = useConsole()
  const { items, more } = usePaged<Line>(`/api/sessions/${id}/logs`, 'logs')
  return (
    <Dialog title={title} isWide onClose={onClose}>
      <pre class="output card" tabIndex={0} role="region" aria-label={run.output}>{items.value?.map(({ seq, stream, data }) => <span key={seq} class={stream}>{data}</span>)}</pre>
      {items.value?.length === 0 && <p class="quiet" role="status">{texts.printedNothing}</p>}
      <div class="actions">
        {more !== undefined && <Button onPress={more}>{shell.more}</Button>}
        <Button onPress={onClose}>{shell.close}</Button>
      </div>
    </Dialog>
  )
}
