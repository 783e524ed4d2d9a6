import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { socketUrl } from '../../../client/connection/url.ts'
import type { Language, Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { signInUrl } from '../../next-page.ts'
import { Files } from './files.tsx'
import { Given } from './given.tsx'
import { LanguageSelect } from './language-select.tsx'
import { createOutput } from './output.ts'
import { OutputPane } from './output-pane.tsx'
import { fromFragment, MOST_LINK, toCall, toCurl, toFragment, type Program } from './program.ts'
import { createRuns } from './runs.ts'

const NOTHING: Program = { language: '', files: [], input: '', args: '' }

/** The playground: a program that belongs to no project, run as it is. */
export default function RunPage () {
  const { api, texts: { run: texts }, session, router, toasts, commands } = useConsole()
  const attempt = useAttempt()
  const languages = useSignal<readonly Language[]>([])
  const program = useSignal<Program>(NOTHING)
  /** Counts how often the program was another one, which an editor that is there does not know. */
  const generation = useSignal(0)
  const output = useMemo(createOutput, [])
  const runs = useMemo(() => createRuns({ connect: () => new WebSocket(socketUrl('/api/execute')), write: (stream, text) => output.write(stream, text), clear: () => output.clear() }), [])
  const isSignedIn = session.user.value !== null && session.user.value !== undefined
  useTitle(texts.title)

  function show (next: Program): void {
    program.value = next
    generation.value++
  }

  const starterOf = ({ language, mainFile, starter }: Language): Program => ({ ...program.peek(), language, files: [{ path: mainFile, content: starter ?? '' }] })

  async function begin (): Promise<void> {
    const shared = await fromFragment(location.hash)
    if (shared !== undefined) show(shared)
    else if (location.hash.length > 1) toasts.complain(texts.badLink)
    if (session.user.peek() == null) return
    languages.value = (await api.get<{ languages: Language[] }>('/api/languages')).languages
    const first = languages.value.find(({ language, ready }) => ready && language === 'python') ?? languages.value.find(({ ready }) => ready)
    if (shared === undefined && first !== undefined && program.value.language === '') show(starterOf(first))
  }

  async function share (): Promise<void> {
    const fragment = await toFragment(program.peek())
    if (fragment.length > MOST_LINK) throw new Error(texts.tooLong)
    history.replaceState(null, '', `${location.pathname}${fragment}`)
    await navigator.clipboard.writeText(location.href)
    toasts.say(texts.linkCopied)
  }

  async function openAsProject (): Promise<void> {
    const { language, files } = program.peek()
    const { id } = await api.post<Project>('/projects', { name: texts.projectName(language), runtime: language, files })
    router.go(`/files.html?project=${id}`)
  }

  const start = (): void => { if (isSignedIn) runs.start(toCall(program.peek())) }
  const copyCurl = async (): Promise<void> => {
    await navigator.clipboard.writeText(toCurl(program.peek(), location.origin))
    toasts.say(texts.curlCopied)
  }

  useEffect(() => {
    void attempt(begin)
    return () => runs.close()
  }, [isSignedIn])
  useEffect(() => commands.register([
    { id: 'run', title: texts.runProgram, keys: ['Ctrl+Enter'], run: start },
    { id: 'stop', title: texts.stop, run: () => runs.stop() },
    { id: 'share', title: texts.share, run: () => void attempt(share) },
    { id: 'curl', title: texts.curl, run: () => void attempt(copyCurl) }
  ]), [isSignedIn])

  const { name: state } = runs.state.value
  const isRunning = ['starting', 'compiling', 'running', 'waiting'].includes(state)

  return (
    <div class="playground">
      <div class="page-head">
        <h1>{texts.title}</h1>
        <LanguageSelect languages={languages.value} current={program.value.language} onChange={(language) => show(starterOf(language))} />
        <div class="actions">
          {!isSignedIn
            ? <a class="button primary" href={signInUrl(location.pathname + location.hash)}>{texts.signIn}</a>
            : isRunning
              ? <Button kind="danger" onPress={() => runs.stop()}>{texts.stop}</Button>
              : <Button kind="primary" aria-keyshortcuts="Control+Enter" onPress={start}>{texts.runProgram}</Button>}
          <Button onPress={async () => await attempt(share)}>{texts.share}</Button>
          <Button onPress={async () => await attempt(copyCurl)}>{texts.curl}</Button>
          {isSignedIn && <Button onPress={async () => await attempt(openAsProject)}>{texts.openAsProject}</Button>}
        </div>
      </div>
      <div class="playground-panes">
        <Files key={generation.value} files={program.value.files} onChange={(files) => { program.value = { ...program.peek(), files } }} />
        <section class="playground-side" aria-label={texts.result}>
          <OutputPane runs={runs} attach={output.attach} />
          <Given program={program.value} onChange={(change) => { program.value = { ...program.peek(), ...change } }} />
        </section>
      </div>
    </div>
  )
}
