import type { Api } from '../api/client.ts'
import type { SignInMethods, User } from '../api/types.ts'
import { find } from '../dom.ts'
import { wireForm } from '../forms.ts'
import { nextPage, providerUrl } from '../next-page.ts'

/** The forms to sign in, to sign up and for a new password, of which one is shown. */
export function createGate (section: HTMLElement, api: Api, onSignedIn: (user: User) => void) {
  const signIn = find(section, '#sign-in', HTMLFormElement)
  const signUp = find(section, '#sign-up', HTMLFormElement)
  const forgot = find(section, '#forgot', HTMLFormElement)
  const mailed = find(section, '#mailed', HTMLElement)

  function show (form: HTMLFormElement): void {
    for (const each of [signIn, signUp, forgot]) each.hidden = each !== form
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
  wireForm(forgot, async (fields) => {
    mailed.hidden = true
    await api.post('/auth/password/forgot', fields)
    mailed.hidden = false
  })
  find(section, '#to-sign-up', HTMLButtonElement).addEventListener('click', () => show(signUp))
  find(section, '#to-forgot', HTMLButtonElement).addEventListener('click', () => {
    mailed.hidden = true
    show(forgot)
  })
  for (const button of section.querySelectorAll('.to-sign-in')) button.addEventListener('click', () => show(signIn))

  /** What this server offers besides a password. Without an answer a password it is. */
  async function showMethods (): Promise<void> {
    const { signUp, passwordMail, oidc } = await api.get<SignInMethods>('/auth/methods')
    find(section, '#new-here', HTMLElement).hidden = signUp === 'closed'
    find(section, '#forgotten', HTMLElement).hidden = !passwordMail
    const link = find(section, '#oidc', HTMLAnchorElement)
    link.hidden = oidc === null
    if (oidc === null) return
    link.textContent = `Sign in with ${oidc.name}`
    link.href = providerUrl(oidc.url, nextPage(location.search, location.origin))
  }

  return {
    open (): void {
      section.hidden = false
      show(signIn)
      showMethods().catch(() => undefined)
    },
    close (): void {
      section.hidden = true
    }
  }
}
