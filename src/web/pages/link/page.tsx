import { ApiError } from '../../../client/rest/error.ts'
import { useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Field, PasswordField } from '../../ui/field.tsx'
import { Form, type Fields } from '../../ui/form.tsx'
import { NewPasswordField } from '../new-password.tsx'
import { signInUrl } from '../../next-page.ts'

type LinkPath = '/setup' | '/join' | '/reset' | '/connect' | '/invitation' | '/assignment'

interface LinkForm {
  readonly call: string
  /** What the call names the token; none where a cookie says it all. */
  readonly token?: string
  readonly asks?: 'account' | 'new-password' | 'password'
}

const forms: Readonly<Record<LinkPath, LinkForm>> = {
  '/setup': { call: '/auth/setup', token: 'token', asks: 'account' },
  '/join': { call: '/auth/signup', token: 'invitation', asks: 'account' },
  '/reset': { call: '/auth/password/reset', token: 'token', asks: 'new-password' },
  '/connect': { call: '/auth/oidc/connect', asks: 'password' },
  '/invitation': { call: '/invitations/accept', token: 'token' },
  '/assignment': { call: '/assignments/open', token: 'token' }
}

/** Where a link with a token leads: the form says what it is for. The token is in the fragment, which no server and no log ever sees. */
export default function LinkPage () {
  const { api, texts, router, linkToken: token } = useConsole()
  const path = router.place.value.pathname.replace(/\/$/, '') as LinkPath
  const { call, token: field, asks } = forms[path]
  const words = texts.links[path]
  useTitle(words.title)

  async function send (fields: Fields): Promise<void> {
    if (field !== undefined && token === '') throw new Error(texts.links.whole)
    await api.post(call, field === undefined ? fields : { ...fields, [field]: token }).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'UNAUTHENTICATED') throw error
      sessionStorage.setItem(path, token)
      location.assign(signInUrl(path))
    })
    if (sessionStorage.getItem(path) === null) location.replace('/')
  }

  return (
    <section class="gate card">
      <Form title={words.title} heading="h1" action={words.action} onSubmit={send}>
        <p class="quiet">{words.text}</p>
        {asks === 'account' && <Field label={texts.signIn.email} name="email" type="email" autocomplete="username" pattern="[^@\s]+@[^@\s]+\.[^@\s]+" title={texts.signIn.emailRule} required autoFocus />}
        {(asks === 'account' || asks === 'new-password') && <NewPasswordField />}
        {asks === 'password' && <PasswordField label={texts.signIn.password} show={texts.signIn.show} name="password" autocomplete="current-password" required autoFocus />}
      </Form>
    </section>
  )
}
