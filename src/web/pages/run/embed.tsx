import { useAttempt, useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Files } from './files.tsx'
import { OutputPane } from './output-pane.tsx'
import { usePlayground } from './playground.ts'
import { toFragment } from './program.ts'
import { RunButton } from './run-button.tsx'

/** The playground in a frame of another page, without what is around it. Where the browser keeps the cookie from it, it is run in a tab of ours. */
export default function EmbedPage () {
  const { texts: { run: texts } } = useConsole()
  const attempt = useAttempt()
  const playground = usePlayground()
  const { program, generation, output, runs, isSignedIn } = playground
  useTitle(texts.title)

  const openTab = async (): Promise<void> => await attempt(async () => { window.open(`/run${await toFragment(program.peek())}`, '_blank', 'noopener') })
  return (
    <div class="playground embedded">
      <h1 class="visually-hidden">{texts.title}</h1>
      {program.value.files.length > 0
        ? <Files key={generation.value} files={program.value.files} onChange={(files) => playground.change({ files })} />
        : <p class="quiet">{texts.nothingEmbedded}</p>}
      <div class="actions">
        {isSignedIn && <RunButton playground={playground} />}
        <Button kind={isSignedIn ? 'plain' : 'primary'} onPress={openTab}>{isSignedIn ? texts.openTab : texts.runInTab}</Button>
      </div>
      {isSignedIn && <section aria-label={texts.result}><OutputPane runs={runs} attach={output.attach} /></section>}
    </div>
  )
}
