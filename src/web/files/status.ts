import { closeCodes } from '../../protocols/close-codes.ts'
import { withoutTechnical } from '../words.ts'
import { find } from '../dom.ts'
import { signInUrl } from '../next-page.ts'
import { describeConnection, type ConnectionState } from '../../client/files/state.ts'

/** Says how the connection is, what is under way, and what can be done when the server refuses. */
export function createStatus (page: Document, onRestart: () => void) {
  const text = find(page, '#state', HTMLElement)
  const ending = find(page, '#ending', HTMLElement)
  const endingText = find(page, '#ending-text', HTMLElement)
  const restart = find(page, '#restart', HTMLButtonElement)
  const signIn = find(page, '#sign-in', HTMLAnchorElement)
  let connection: ConnectionState = { name: 'connecting' }
  let work = ''

  restart.addEventListener('click', onRestart)

  function show (): void {
    const isRefused = connection.name === 'refused'
    text.dataset['state'] = connection.name
    text.textContent = connection.name === 'connected' && work !== '' ? work : withoutTechnical(describeConnection(connection))
    ending.hidden = !isRefused
    if (connection.name !== 'refused') return
    const { closeCode, message } = connection
    endingText.textContent = withoutTechnical(message)
    signIn.href = signInUrl(location.pathname + location.search)
    signIn.hidden = closeCode !== closeCodes.notSignedIn
    restart.hidden = closeCode === closeCodes.notSignedIn || closeCode === closeCodes.notFound
  }

  return {
    showConnection: (next: ConnectionState): void => {
      connection = next
      show()
    },
    /** What is under way; nothing when it is empty. */
    showWork: (next: string): void => {
      work = next
      show()
    }
  }
}
