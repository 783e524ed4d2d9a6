import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Table } from '../../ui/table.tsx'

interface Build {
  readonly image: string
  readonly state: 'ready' | 'missing' | 'queued' | 'building' | 'failed'
  readonly step: string | null
  readonly error: string | null
}

/** The images of sandboxes, as they are built. */
export function Images () {
  const { api, texts: { admin: texts, shell, settings } } = useConsole()
  const attempt = useAttempt()
  const builds = useSignal<readonly Build[] | undefined>(undefined)
  const shown = useSignal<{ image: string, log: string } | undefined>(undefined)
  const load = async (): Promise<void> => await attempt(async () => { builds.value = (await api.get<{ builds: Build[] }>('/api/builds')).builds })

  async function build (): Promise<void> {
    await attempt(async () => await api.post('/api/builds'))
    await load()
  }
  async function showLog (image: string): Promise<void> {
    await attempt(async () => { shown.value = { image, log: (await api.get<{ build: { log: string } }>(`/api/builds/${encodeURIComponent(image)}`)).build.log } })
  }

  useEffect(() => {
    void load()
    const stream = new EventSource('/api/events')
    stream.addEventListener('build', () => void load())
    return () => stream.close()
  }, [])

  return (
    <>
      {builds.value?.some(({ state }) => state === 'missing' || state === 'failed') === true && <div><Button kind="primary" onPress={build}>{texts.build}</Button></div>}
      <Table
        caption={texts.sections.images} head={[texts.image, texts.state, texts.step, settings.actions]} none={texts.noImages} more={shell.more} onMore={undefined}
        rows={builds.value?.map(({ image, state, step, error }) => ({
          id: image,
          cells: [
            image, <span key="state" class="status" data-status={state}>{texts.states[state]}</span>, error ?? step ?? '–',
            <Button key="log" aria-label={texts.logOf(image)} onPress={async () => await showLog(image)}>{texts.log}</Button>
          ]
        }))}
      />
      {shown.value !== undefined && (
        <Dialog title={texts.logOf(shown.value.image)} isWide onClose={() => { shown.value = undefined }}>
          <pre class="output card" tabIndex={0} role="region" aria-label={texts.log}>{shown.value.log === '' ? texts.noLog : shown.value.log}</pre>
          <div class="actions"><Button onPress={() => { shown.value = undefined }}>{shell.close}</Button></div>
        </Dialog>
      )}
    </>
  )
}
