import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { socketUrl } from '../../../client/connection/url.ts'
import type { Language } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { createOutput } from './output.ts'
import { fromFragment, toCall, type Program } from './program.ts'
import { createRuns } from './runs.ts'

const NOTHING: Program = { language: '', files: [], input: '', args: '' }

export type Playground = ReturnType<typeof usePlayground>

/** A program, that of the address to begin with, and what comes of it. */
export function usePlayground () {
  const { api, texts: { run: texts }, session, toasts, commands } = useConsole()
  const attempt = useAttempt()
  const languages = useSignal<readonly Language[]>([])
  const program = useSignal<Program>(NOTHING)
  /** Counts how often the program was another one, which an editor that is there does not know. */
  const generation = useSignal(0)
  const output = useMemo(createOutput, [])
  const runs = useMemo(() => createRuns({ connect: () => new WebSocket(socketUrl('/api/execute')), write: (stream, text) => output.write(stream, text), clear: () => output.clear() }), [])
  const isSignedIn = session.user.value !== null && session.user.value !== undefined

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

  const start = (): void => { if (isSignedIn) runs.start(toCall(program.peek())) }

  useEffect(() => {
    void attempt(begin)
    return () => runs.close()
  }, [isSignedIn])
  useEffect(() => commands.register([
    { id: 'run', title: texts.runProgram, keys: ['Ctrl+Enter'], run: start },
    { id: 'stop', title: texts.stop, run: () => runs.stop() }
  ]), [isSignedIn])

  return {
    program,
    languages,
    generation,
    output,
    runs,
    isSignedIn,
    isRunning: ['starting', 'compiling', 'running', 'waiting'].includes(runs.state.value.name),
    start,
    begin: (language: Language): void => show(starterOf(language)),
    change: (change: Partial<Program>): void => { program.value = { ...program.peek(), ...change } }
  }
}
