import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { useProblem } from './problems.ts'

type InputProps = JSX.IntrinsicElements['input']

/** What ties a field to the words below it. */
function describedBy (id: string, hint: string | undefined, problem: string | undefined) {
  const ids = [...(hint === undefined ? [] : [`${id}-hint`]), ...(problem === undefined ? [] : [`${id}-problem`])]
  return { 'aria-describedby': ids.length === 0 ? undefined : ids.join(' '), 'aria-invalid': problem === undefined ? undefined : true } as const
}

function Words ({ id, hint, problem }: { readonly id: string, readonly hint?: string | undefined, readonly problem: string | undefined }) {
  return (
    <>
      {hint !== undefined && <p id={`${id}-hint`} class="quiet hint">{hint}</p>}
      {problem !== undefined && <p id={`${id}-problem`} class="field-problem" role="alert">{problem}</p>}
    </>
  )
}

export function Field ({ label, hint, ...input }: InputProps & { readonly label: string, readonly hint?: string | undefined }) {
  const id = useId()
  const problem = useProblem(input.name)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input {...input} id={id} {...describedBy(id, hint, problem)} />
      <Words id={id} hint={hint} problem={problem} />
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
  const problem = useProblem(input.name)
  const common = { ...input, id, ...describedBy(id, hint, problem) }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="joined">
        {isShown ? <input {...common} type="text" /> : <input {...common} type="password" />}
        <button type="button" aria-pressed={isShown} aria-controls={id} onClick={() => setShown(!isShown)}>{show}</button>
      </div>
      <Words id={id} hint={hint} problem={problem} />
    </div>
  )
}

export function Select ({ label, children, ...select }: JSX.IntrinsicElements['select'] & { readonly label: string, readonly children: ComponentChildren }) {
  const id = useId()
  const problem = useProblem(select.name)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select {...select} id={id} {...describedBy(id, undefined, problem)}>{children}</select>
      <Words id={id} problem={problem} />
    </div>
  )
}
