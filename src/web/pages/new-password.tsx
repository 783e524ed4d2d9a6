import { useConsole } from '../shell/console.ts'
import { PasswordField } from '../ui/field.tsx'

/** A password that is set now, with the one rule that there is. */
export function NewPasswordField ({ label }: { readonly label?: string | undefined }) {
  const { texts: { signIn: texts } } = useConsole()
  return <PasswordField label={label ?? texts.password} show={texts.show} hint={texts.passwordRule} name="password" autocomplete="new-password" minLength={10} maxLength={200} required />
}
