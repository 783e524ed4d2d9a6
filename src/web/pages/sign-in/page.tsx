import { useEffect, useState } from 'preact/hooks'
import type { SignInMethods, User } from '../../api/types.ts'
import { nextPage, providerUrl } from '../../next-page.ts'
import { useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Field, PasswordField } from '../../ui/field.tsx'
import { Form, type Fields } from '../../ui/form.tsx'
import { NewPasswordField } from '../new-password.tsx'

type Shown = 'sign-in' | 'sign-up' | 'forgot'

/** For whoever is not signed in, in place of the page that was asked for. */
export default function SignInPage () {
  const { api, texts: { signIn: texts }, session } = useConsole()
  const [shown, setShown] = useState<Shown>('sign-in')
  const [methods, setMethods] = useState<SignInMethods>()
  const [isMailed, setMailed] = useState(false)
  useTitle(texts.title)
  // Without an answer a password it is.
  useEffect(() => { api.get<SignInMethods>('/auth/methods').then(setMethods, () => undefined) }, [])

  const enter = (path: string) => async (fields: Fields): Promise<void> => {
    const { user } = await api.post<{ user: User }>(path, fields)
    const next = nextPage(location.search, location.origin)
    if (next === undefined) session.enter(user)
    else location.replace(next)
  }
  const email = <Field key={shown} label={texts.email} name="email" type="email" autocomplete="username" pattern="[^@\s]+@[^@\s]+\.[^@\s]+" title={texts.emailRule} required autoFocus />
  const back = (question: string) => <p class="quiet">{question} <Button kind="link" onPress={() => setShown('sign-in')}>{texts.title}</Button></p>

  return (
    <section class="gate">
      <p class="intro quiet">{texts.intro}</p>
      {methods?.hasAdministrator === false && (
        <section class="card intro" aria-label={texts.isNew}>
          <h2>{texts.isNew}</h2>
          <p>{texts.isNewText}</p>
        </section>
      )}
      <div class="card">
        {shown === 'sign-in' && (
          <Form title={texts.title} heading="h1" action={texts.action} onSubmit={enter('/auth/signin')} foot={(
            <>
              {methods?.oidc != null && <a class="button" href={providerUrl(methods.oidc.url, nextPage(location.search, location.origin))}>{texts.with(methods.oidc.name)}</a>}
              {methods?.passwordMail === true && <p class="quiet"><Button kind="link" onPress={() => setShown('forgot')}>{texts.forgot}</Button></p>}
              {methods?.signUp === 'open' && <p class="quiet">{texts.newHere} <Button kind="link" onPress={() => setShown('sign-up')}>{texts.create}</Button></p>}
              {methods?.signUp === 'closed' && <p class="quiet">{texts.closed}</p>}
            </>
          )}>
            {email}
            <PasswordField label={texts.password} show={texts.show} name="password" autocomplete="current-password" required />
          </Form>
        )}
        {shown === 'sign-up' && (
          <Form title={texts.create} heading="h1" action={texts.createAction} onSubmit={enter('/auth/signup')} foot={back(texts.haveOne)}>
            {email}
            <NewPasswordField />
          </Form>
        )}
        {shown === 'forgot' && (
          <Form title={texts.forgot} heading="h1" action={texts.sendLink} foot={back(texts.remember)} onSubmit={async (fields) => {
            setMailed(false)
            await api.post('/auth/password/forgot', fields)
            setMailed(true)
          }}>
            <p class="quiet">{texts.forgotText}</p>
            {email}
            <p role="status">{isMailed ? texts.mailed : ''}</p>
          </Form>
        )}
      </div>
    </section>
  )
}
