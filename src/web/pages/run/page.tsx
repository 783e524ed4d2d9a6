import { useEffect } from 'preact/hooks'
import type { Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { signInUrl } from '../../next-page.ts'
import { Files } from './files.tsx'
import { Given } from './given.tsx'
import { LanguageSelect } from './language-select.tsx'
import { OutputPane } from './output-pane.tsx'
import { usePlayground } from './playground.ts'
import { MOST_LINK, toCurl, toFragment, toFrame } from './program.ts'
import { RunButton } from './run-button.tsx'

/** The playground: a program that belongs to no project, run as it is. */
export default function RunPage () {
  const { api, texts: { run: texts }, router, toasts, commands } = useConsole()
  const attempt = useAttempt()
  const playground = usePlayground()
  const { program, languages, generation, output, runs, isSignedIn } = playground
  useTitle(texts.title)

  /** Into the address too, so that it is the link. */
  async function copy (textOf: (fragment: string) => string, said: string): Promise<void> {
    const fragment = await toFragment(program.peek())
    if (fragment.length > MOST_LINK) throw new Error(texts.tooLong)
    history.replaceState(null, '', `${location.pathname}${fragment}`)
    await navigator.clipboard.writeText(textOf(fragment))
    toasts.say(said)
  }

  async function openAsProject (): Promise<void> {
    const { language, files } = program.peek()
    const { id } = await api.post<Project>('/projects', { name: texts.projectName(language), runtime: language, files })
    router.go(`/p/${id}`)
  }

  const share = async (): Promise<void> => await attempt(async () => await copy(() => location.href, texts.linkCopied))
  const copyFrame = async (): Promise<void> => await attempt(async () => await copy((fragment) => toFrame(location.origin, fragment, texts.title), texts.frameCopied))
  const copyCurl = async (): Promise<void> => await attempt(async () => {
    await navigator.clipboard.writeText(toCurl(program.peek(), location.origin))
    toasts.say(texts.curlCopied)
  })

  useEffect(() => commands.register([
    { id: 'share', title: texts.share, run: () => void share() },
    { id: 'frame', title: texts.frame, run: () => void copyFrame() },
    { id: 'curl', title: texts.curl, run: () => void copyCurl() }
  ]), [])

  return (
    <div class="playground">
      <div class="page-head">
        <h1>{texts.title}</h1>
        <LanguageSelect languages={languages.value} current={program.value.language} onChange={playground.begin} />
        <div class="actions">
          {isSignedIn ? <RunButton playground={playground} /> : <a class="button primary" href={signInUrl(location.pathname + location.hash)}>{texts.signIn}</a>}
          <Button onPress={share}>{texts.share}</Button>
          <Button onPress={copyFrame}>{texts.frame}</Button>
          <Button onPress={copyCurl}>{texts.curl}</Button>
          {isSignedIn && <Button onPress={async () => await attempt(openAsProject)}>{texts.openAsProject}</Button>}
        </div>
      </div>
      <div class="playground-panes">
        <Files key={generation.value} files={program.value.files} onChange={(files) => playground.change({ files })} />
        <section class="playground-side" aria-label={texts.result}>
          <OutputPane runs={runs} attach={output.attach} />
          <Given program={program.value} onChange={playground.change} />
        </section>
      </div>
    </div>
  )
}
