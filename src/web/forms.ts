import { messageOf } from '../client/rest/error.ts'
import { find, showMessage } from './dom.ts'

/** Sends a form by `send`, once at a time, and shows in it what was refused. */
export function wireForm (form: HTMLFormElement, send: (fields: Record<string, FormDataEntryValue>) => Promise<void>): void {
  const problem = find(form, '.problem', HTMLElement)
  const button = find(form, 'button[type=submit]', HTMLButtonElement)

  async function submit (): Promise<void> {
    button.disabled = true
    showMessage(problem, undefined)
    try {
      await send(Object.fromEntries(new FormData(form)))
    } catch (error) {
      showMessage(problem, messageOf(error))
    } finally {
      button.disabled = false
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })
}
