import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'

type InputProps = JSX.IntrinsicElements['input']

export function Field ({ label, hint, ...input }: InputProps & { readonly label: string, readonly hint?: string | undefined }) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input {...input} id={id} aria-describedby={hint === undefined ? undefined : `${id}-hint`} />
      {hint !== undefined && <p id={`${id}-hint`} class="quiet hint">{hint}</p>}
    </div>
  )
}

interface PasswordProps {
  readonly name: string
  readonly autocomplete: 'current-password' | 'new-password'
  readonly minLength?: number
  readonly maxLength?: number
  readonly required?: boolean
  readonly autoFocus?: boolean
}

/** A password, which can be shown. */
export function PasswordField ({ label, hint, show, ...input }: PasswordProps & { readonly label: string, readonly hint?: string | undefined, readonly show: string }) {
  const id = useId()
  const [isShown, setShown] = useState(false)
  const common = { ...input, id, 'aria-describedby': hint === undefined ? undefined : `${id}-hint` }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="joined">
        {isShown ? <input {...common} type="text" /> : <input {...common} type="password" />}
        <button type="button" aria-pressed={isShown} aria-controls={id} onClick={() => setShown(!isShown)}>{show}</button>
      </div>
      {hint !== undefined && <p id={`${id}-hint`} class="quiet hint">{hint}</p>}
    </div>
  )
}

export function Select ({ label, children, ...select }: JSX.IntrinsicElements['select'] & { readonly label: string, readonly children: ComponentChildren }) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select {...select} id={id}>{children}</select>
    </div>
  )
}
