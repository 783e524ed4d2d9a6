import { find } from '../dom.ts'
import type { Screen } from './screen.ts'

/** The field that finds text in the screen and what has scrolled out of it. */
export function createSearchBar (form: HTMLFormElement, { terminal, search, matchColours }: Screen) {
  const input = find(form, 'input', HTMLInputElement)
  const matches = find(form, '#matches', HTMLOutputElement)

  function look (direction: 'next' | 'previous'): void {
    const { match, activeMatch } = matchColours()
    const options = {
      decorations: {
        matchBackground: match,
        matchOverviewRuler: match,
        activeMatchBackground: activeMatch,
        activeMatchColorOverviewRuler: activeMatch
      }
    }
    if (input.value === '') {
      search.clearDecorations()
      matches.textContent = ''
    } else if (direction === 'next') search.findNext(input.value, options)
    else search.findPrevious(input.value, options)
  }

  function close (): void {
    form.hidden = true
    search.clearDecorations()
    terminal.focus()
  }

  search.onDidChangeResults(({ resultIndex, resultCount }) => {
    matches.textContent = resultCount === 0 ? 'None' : `${resultIndex + 1} of ${resultCount}`
  })
  input.addEventListener('input', () => look('previous'))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    look('next')
  })
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
    else if (event.key === 'Enter' && event.shiftKey) look('previous')
    else return
    event.preventDefault()
  })
  find(form, '#previous', HTMLButtonElement).addEventListener('click', () => look('previous'))
  find(form, '#close-search', HTMLButtonElement).addEventListener('click', close)

  return {
    open: () => {
      form.hidden = false
      input.select()
    }
  }
}
