import { useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import type { Playground } from './playground.ts'

/** Runs the program, or stops it. */
export function RunButton ({ playground: { runs, start, isRunning } }: { readonly playground: Pick<Playground, 'runs' | 'start' | 'isRunning'> }) {
  const { texts: { run: texts } } = useConsole()
  return isRunning
    ? <Button kind="danger" onPress={() => runs.stop()}>{texts.stop}</Button>
    : <Button kind="primary" aria-keyshortcuts="Control+Enter" onPress={start}>{texts.runProgram}</Button>
}
