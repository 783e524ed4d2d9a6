import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { urlOfPort } from '../../port-links.ts'
import { Icon } from '../../ui/icon.tsx'
import { useWorkbench } from '../workbench.ts'

// Another origin by construction: what runs in it reaches nothing of ours.
const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads'

/** What the project serves, beside its code. */
export function PreviewPane () {
  const { project, layout, texts } = useWorkbench()
  const { preview: words } = texts
  const details = project.details.value
  const input = useRef<HTMLInputElement>(null)
  const port = useSignal<number | undefined>(undefined)
  const path = useSignal('/')
  const loads = useSignal(0)
  const url = details?.status === 'running' ? details.preview.url : null
  const chosen = port.value ?? details?.preview.port ?? 0
  const target = url === null ? undefined : new URL(path.value, urlOfPort(url, chosen)).href
  const ports = details === undefined ? [] : [...new Set([details.preview.port, ...details.ports.map((open) => open.port), chosen])].filter((number) => number > 0)

  function go (event: SubmitEvent): void {
    event.preventDefault()
    const given = input.current?.value ?? ''
    // A path and nothing else: "//elsewhere" would be another server.
    path.value = `/${given.replace(/^[/\\]+/, '')}`
    loads.value++
  }

  return (
    <section class="pane pane-preview" aria-label={texts.panes.preview}>
      <form class="preview-bar" onSubmit={go}>
        <button type="button" class="tool" aria-label={words.reload} title={words.reload} onClick={() => { loads.value++ }}><Icon name="reload" /></button>
        <select aria-label={words.port} value={chosen} onChange={(event) => { port.value = Number(event.currentTarget.value) }}>
          {ports.map((number) => <option key={number} value={number}>:{number}</option>)}
        </select>
        <input ref={input} aria-label={words.path} defaultValue="/" autocomplete="off" autocapitalize="off" spellcheck={false} />
        {target !== undefined && <a class="tool button" href={target} target="_blank" rel="noopener" aria-label={words.openTab} title={words.openTab}><Icon name="external" /></a>}
        <button type="button" class="tool" aria-label={words.close} title={words.close} onClick={() => { layout.isPreviewShown.value = false; layout.pane.value = 'code' }}><Icon name="close" /></button>
      </form>
      {target === undefined || !layout.isPreviewShown.value
        ? <p class="quiet placeholder">{words.none}</p>
        : <iframe key={`${loads.value} ${target}`} src={target} title={words.frame(chosen)} sandbox={SANDBOX} />}
    </section>
  )
}
