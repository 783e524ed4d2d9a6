import type { User } from '../../api/types.ts'
import { useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { useSignal } from '@preact/signals'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, PasswordField } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'

/** Name, password, and the end of the account. */
export function Account () {
  const { api, texts: { settings: texts, signIn, shell }, session, toasts } = useConsole()
  const isDeleting = useSignal(false)
  const user = session.user.value
  const close = (): void => { isDeleting.value = false }

  return (
    <>
      <section class="card">
        <Form
          title={texts.profile} action={texts.save} onSubmit={async ({ name = '' }) => {
            const answer = await api.patch<{ user: User }>('/auth/me', { name: name.trim() === '' ? null : name.trim() })
            session.enter(answer.user)
            toasts.say(texts.saved)
          }}
        >
          <p class="quiet">{user?.email}</p>
          <Field label={texts.name} name="name" maxLength={100} defaultValue={user?.name ?? ''} autocomplete="name" />
        </Form>
      </section>
      <section class="card">
        <Form
          title={texts.password} action={texts.change} onSubmit={async ({ current = '', password = '' }, form) => {
            await api.post('/auth/password', { password, ...(current === '' ? {} : { current }) })
            form.reset()
            toasts.say(texts.passwordChanged)
          }}
        >
          <input type="text" name="username" autocomplete="username" value={user?.email ?? ''} hidden readOnly />
          <PasswordField label={texts.currentPassword} show={signIn.show} name="current" autocomplete="current-password" maxLength={200} />
          <PasswordField label={texts.newPassword} show={signIn.show} hint={signIn.passwordRule} name="password" autocomplete="new-password" minLength={10} maxLength={200} required />
        </Form>
      </section>
      <section class="card danger-zone" aria-labelledby="delete-account">
        <h2 id="delete-account">{texts.remove}</h2>
        <p>{texts.removeText} <a href="/auth/me/export" download>{texts.export}</a></p>
        <div><Button class="quiet-danger" onPress={() => { isDeleting.value = true }}>{texts.remove}</Button></div>
      </section>
      {isDeleting.value && (
        <Dialog title={texts.remove} isTitleShown={false} onClose={close}>
          <Form
            title={texts.remove} action={texts.removeAction} kind="danger" foot={<Button onPress={close}>{shell.cancel}</Button>} onSubmit={async ({ password = '' }) => {
              await api.delete('/auth/me', password === '' ? {} : { password })
              location.replace('/')
            }}
          >
            <p>{texts.removeText}</p>
            <PasswordField label={texts.currentPassword} show={signIn.show} name="password" autocomplete="current-password" />
          </Form>
        </Dialog>
      )}
    </>
  )
}
