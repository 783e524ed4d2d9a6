import { messageOf, type Api } from '../api/client.ts'
import type { User } from '../api/types.ts'
import { find, showMessage } from '../dom.ts'

/** The sign-in and the sign-up form, of which one is shown. */
export function createGate (section: HTMLElement, api: Api, onSignedIn: (user: User) => void) {
  const signIn = find(section, '#sign-in', HTMLFormElement)
  const signUp = find(section, '#sign-up', HTMLFormElement)

  function show (form: HTMLFormElement): void {
    for (const each of [signIn, signUp]) each.hidden = each !== form
    find(form, 'input', HTMLInputElement).focus()
  }

  function wire (form: HTMLFormElement, path: string): void {
    const problem = find(form, '.problem', HTMLElement)
    const button = find(form, 'button[type=submit]', HTMLButtonElement)

    async function submit (): Promise<void> {
      button.disabled = true
      showMessage(problem, undefined)
      try {
        const { user } = await api.post<{ user: User }>(path, Object.fromEntries(new FormData(form)))
        form.reset()
        onSignedIn(user)
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

  wire(signIn, '/auth/signin')
  wire(signUp, '/auth/signup')
  find(section, '#to-sign-up', HTMLButtonElement).addEventListener('click', () => show(signUp))
  find(section, '#to-sign-in', HTMLButtonElement).addEventListener('click', () => show(signIn))

  return {
    open (): void {
      section.hidden = false
      show(signIn)
    },
    close (): void {
      section.hidden = true
    }
  }
}
