import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Screen } from '../../terminal/screen.ts'
import { useWorkbench } from '../workbench.ts'

/** The field that finds text in the screen and what has scrolled out of it. */
export function SearchBar ({ screen: { terminal, search, matchColours }, onClose }: { readonly screen: Screen, readonly onClose: () => void }) {
  const { texts: { terminal: texts } } = useWorkbench()
  const input = useRef<HTMLInputElement>(null)
  const [matches, setMatches] = useState('')

  function look (direction: 'next' | 'previous'): void {
    const text = input.current?.value ?? ''
    const { match, activeMatch } = matchColours()
    const options = { decorations: { matchBackground: match, matchOverviewRuler: match, activeMatchBackground: activeMatch, activeMatchColorOverviewRuler: activeMatch } }
    if (text === '') {
      search.clearDecorations()
      setMatches('')
    } else if (direction === 'next') search.findNext(text, options)
    else search.findPrevious(text, options)
  }

  function close (): void {
    search.clearDecorations()
    onClose()
    terminal.focus()
  }

  function press (event: KeyboardEvent): void {
    if (event.key === 'Escape') close()
    else if (event.key === 'Enter') look(event.shiftKey ? 'previous' : 'next')
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // At once: what is typed next is meant for it, not for the shell.
  useLayoutEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  useEffect(() => {
    const listening = search.onDidChangeResults(({ resultIndex, resultCount }) => setMatches(resultCount === 0 ? texts.noMatch : texts.match(resultIndex + 1, resultCount)))
    return () => listening.dispose()
  }, [])

  return (
    <div class="terminal-search" role="search" aria-label={texts.findLabel} onKeyDown={press}>
      <input ref={input} type="search" aria-label={texts.findText} autocomplete="off" spellcheck={false} onInput={() => look('previous')} />
      <output class="quiet">{matches}</output>
      <button type="button" class="tool" aria-label={texts.previous} title={texts.previous} onClick={() => look('previous')}>↑</button>
      <button type="button" class="tool" aria-label={texts.next} title={texts.next} onClick={() => look('next')}>↓</button>
      <button type="button" class="tool" aria-label={texts.closeSearch} title={texts.closeSearch} onClick={close}>✕</button>
    </div>
  )
}
