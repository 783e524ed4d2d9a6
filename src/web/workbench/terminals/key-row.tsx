import { useWorkbench } from '../workbench.ts'
import type { TerminalTab } from './terminal-tab.ts'

const ESCAPE = '\x1b'
const arrows: ReadonlyArray<readonly [string, string]> = [['←', 'D'], ['↑', 'A'], ['↓', 'B'], ['→', 'C']]
const characters = ['|', '~', '/', '-']

/** Keys that the keyboards of phones do not have. */
export function KeyRow ({ tab }: { readonly tab: TerminalTab }) {
  const { texts } = useWorkbench()
  const key = (label: string, send: () => void, isPressed?: boolean) => (
    // The keyboard of the phone stays.
    <button key={label} type="button" aria-pressed={isPressed} onPointerDown={(event) => event.preventDefault()} onClick={() => { send(); tab.focus() }}>{label}</button>
  )
  const arrow = (letter: string): string => `${ESCAPE}${tab.screen.peek()?.terminal.modes.applicationCursorKeysMode === true ? 'O' : '['}${letter}`
  return (
    <div class="key-row" role="group" aria-label={texts.terminal.keys}>
      {key('Esc', () => tab.send(ESCAPE))}
      {key('Tab', () => tab.send('\t'))}
      {key('Ctrl', () => { tab.hasCtrl.value = !tab.hasCtrl.peek() }, tab.hasCtrl.value)}
      {arrows.map(([label, letter]) => key(label, () => tab.send(arrow(letter))))}
      {characters.map((character) => key(character, () => tab.send(character)))}
    </div>
  )
}
