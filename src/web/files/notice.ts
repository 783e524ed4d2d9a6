import { DISCONNECTED, RequestError } from '../../client/files/requests.ts'
import { showMessage } from '../dom.ts'
import { messageOf } from '../words.ts'

/** The line that says what went wrong, as long as it is so. */
export function createNotice (element: HTMLElement) {
  let isAboutConnection = false
  const clear = (): void => showMessage(element, undefined)

  return {
    report: (error: unknown): void => {
      isAboutConnection = error instanceof RequestError && error.code === DISCONNECTED
      showMessage(element, messageOf(error))
    },
    clear,
    connected (): void {
      if (isAboutConnection) clear()
    }
  }
}
