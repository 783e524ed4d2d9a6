import { closeCodes } from '../../protocols/close-codes.ts'
import { find } from '../dom.ts'
import { signInUrl } from '../next-page.ts'
import { describeState, type TerminalState } from '../../client/terminal/state.ts'
import { withoutTechnical } from '../words.ts'

/** Says how the terminal is and, when it is over, what can be done. */
export function createStatusBar (page: Document, screen: HTMLElement, onRestart: () => void) {
  const text = find(page, '#state', HTMLElement)
  const ending = find(page, '#ending', HTMLElement)
  const endingText = find(page, '#ending-text', HTMLElement)
  const restart = find(page, '#restart', HTMLButtonElement)
  const signIn = find(page, '#sign-in', HTMLAnchorElement)

  restart.addEventListener('click', onRestart)

  return {
    show (state: TerminalState): void {
      const isOver = state.name === 'ended' || state.name === 'refused'
      const isSignedOut = state.name === 'refused' && state.closeCode === closeCodes.notSignedIn
      text.dataset['state'] = state.name
      text.textContent = isOver ? 'Not connected' : withoutTechnical(describeState(state))
      screen.classList.toggle('offline', state.name === 'reconnecting')
      const wasHidden = ending.hidden
      ending.hidden = !isOver
      if (!isOver) return
      endingText.textContent = withoutTechnical(describeState(state))
      signIn.href = signInUrl(location.pathname + location.search)
      signIn.hidden = !isSignedOut
      restart.hidden = isSignedOut || (state.name === 'refused' && state.closeCode === closeCodes.notFound)
      restart.textContent = state.name === 'ended' ? 'New shell' : 'Try again'
      // What is typed goes nowhere now; Enter goes on from here.
      if (wasHidden) (isSignedOut ? signIn : restart).focus()
    }
  }
}
