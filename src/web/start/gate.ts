import type { Api } from '../api/client.ts'
import type { User } from '../api/types.ts'
import { find } from '../dom.ts'
import { wireForm } from '../forms.ts'

/** The sign-in and the sign-up form, of which one is shown. */
export function createGate (section: HTMLElement, api: Api, onSignedIn: (user: User) => void) {
  const signIn = find(section, '#sign-in', HTMLFormElement)
  const signUp = find(section, '#sign-up', HTMLFormElement)

  function show (form: HTMLFormElement): void {
    for (const each of [signIn, signUp]) each.hidden = each !== form
    find(form, 'input', HTMLInputElement).focus()
  }

  function wire (form: HTMLFormElement, path: string): void {
    wireForm(form, async (fields) => {
      const { user } = await api.post<{ user: User }>(path, fields)
      form.reset()
      onSignedIn(user)
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
