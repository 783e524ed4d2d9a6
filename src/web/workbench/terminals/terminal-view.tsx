import { useEffect, useRef } from 'preact/hooks'
import { closeCodes } from '../../../protocols/close-codes.ts'
import type { TerminalState } from '../../../client/terminal/state.ts'
import { Button } from '../../ui/button.tsx'
import { withoutTechnical } from '../../words.ts'
import { describe } from '../connection-words.ts'
import { useWorkbench } from '../workbench.ts'
import { KeyRow } from './key-row.tsx'
import { SearchBar } from './search-bar.tsx'
import type { TerminalTab } from './terminal-tab.ts'

/** One terminal: its screen, how it is, and what can be done when it is over. */
export function TerminalView ({ tab, isShown }: { readonly tab: TerminalTab, readonly isShown: boolean }) {
  const { texts, project } = useWorkbench()
  const screen = useRef<HTMLDivElement>(null)
  const state = tab.state.value
  const other = tab.otherSize.value

  useEffect(() => { if (screen.current !== null) void tab.open(screen.current) }, [])
  // Whoever uses the terminal decides on its size.
  useEffect(() => {
    if (!isShown) return
    tab.fit()
    window.addEventListener('focus', tab.fit)
    return () => window.removeEventListener('focus', tab.fit)
  }, [isShown])

  return (
    <div class={`terminal-view ${state.name === 'reconnecting' ? 'offline' : ''}`} data-shown={isShown}>
      {tab.isSearching.value && isShown && tab.screen.value !== undefined && <SearchBar screen={tab.screen.value} onClose={() => { tab.isSearching.value = false }} />}
      <div ref={screen} class="screen" aria-label={texts.terminal.label} role="group" />
      {isShown && (
        <>
          {project.canEdit.value && <KeyRow tab={tab} />}
          <div class="terminal-foot">
            <p class="state" role="status" data-state={state.name}>{describe(state, texts.connection)}</p>
            {other !== undefined && <p class="quiet">{texts.terminal.otherSize(other.cols, other.rows)} <Button kind="link" onPress={tab.fit}>{texts.terminal.fit}</Button></p>}
          </div>
          {(state.name === 'ended' || state.name === 'refused') && <Ending tab={tab} state={state} />}
        </>
      )}
    </div>
  )
}

function Ending ({ tab, state }: { readonly tab: TerminalTab, readonly state: Extract<TerminalState, { name: 'ended' | 'refused' }> }) {
  const { texts: { terminal: words, connection } } = useWorkbench()
  const again = useRef<HTMLDivElement>(null)
  // What is typed goes nowhere now; Enter goes on from here.
  useEffect(() => { if (document.activeElement === null || document.activeElement === document.body || tab.screen.peek()?.terminal.element?.contains(document.activeElement) === true) again.current?.querySelector('button')?.focus() }, [])

  function wordsFor ({ program }: TerminalTab, code: number | null): string {
    if (code === null) return program === undefined ? words.ended : words.programEnded
    return program === undefined ? words.endedWith(code) : words.programEndedWith(code)
  }

  const isMissing = state.name === 'refused' && (state.closeCode === closeCodes.notFound || state.closeCode === closeCodes.notSignedIn)
  const text = state.name === 'refused' ? withoutTechnical(state.message) : wordsFor(tab, state.exitCode)
  return (
    <div ref={again} class="ending">
      <p role="alert">{text}</p>
      {!isMissing && <Button kind="primary" onPress={() => { tab.restart(); tab.focus() }}>{state.name !== 'ended' ? connection.tryAgain : tab.program === undefined ? words.newShell : words.runAgain}</Button>}
    </div>
  )
}
