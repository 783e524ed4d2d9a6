import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { fieldProblemsOf, messageOf } from '../words.ts'
import { Button } from './button.tsx'
import { FieldError, Problems } from './problems.ts'

export type Fields = Readonly<Record<string, string>>

/** No field is called like that. */
const WHOLE = ''
const NONE: Fields = {}

/** What was refused, at the field that it is about; if it is about none that there is, below them all. */
function problemsIn (form: HTMLFormElement, error: unknown, fieldOf: Readonly<Record<string, string>>): Fields {
  const all = error instanceof FieldError ? [error] : fieldProblemsOf(error, fieldOf)
  const known = all.filter(({ field }) => form.elements.namedItem(field) !== null)
  return known.length === 0 ? { [WHOLE]: messageOf(error) } : Object.fromEntries(known.map(({ field, message }) => [field, message]))
}

/** A form that is sent once at a time, and shows in it what was refused; what was said before goes with the next try. */
export function Form ({ title, heading: Heading = 'h2', action, kind = 'primary', fieldOf = {}, onSubmit, class: className, children, foot }: {
  readonly title: string
  readonly heading?: 'h1' | 'h2' | 'h3' | undefined
  /** What is on its button. */
  readonly action: string
  readonly kind?: 'plain' | 'primary' | 'danger' | undefined
  /** Which field a refusal with a code is about. */
  readonly fieldOf?: Readonly<Record<string, string>> | undefined
  readonly onSubmit: (fields: Fields, form: HTMLFormElement) => Promise<unknown>
  readonly class?: string | undefined
  readonly children?: ComponentChildren
  readonly foot?: ComponentChildren
}) {
  const id = useId()
  const ref = useRef<HTMLFormElement>(null)
  const [problems, setProblems] = useState(NONE)
  const [isBusy, setBusy] = useState(false)

  // A browser heeds it in what is loaded, and not in what comes later.
  useLayoutEffect(() => ref.current?.querySelector<HTMLElement>('[autofocus]')?.focus(), [])
  useLayoutEffect(() => ref.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus(), [problems])

  async function send (form: HTMLFormElement): Promise<void> {
    setProblems(NONE)
    setBusy(true)
    const entries = [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    await onSubmit(Object.fromEntries(entries), form).catch((error: unknown) => setProblems(problemsIn(form, error, fieldOf)))
    setBusy(false)
  }

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    if (!isBusy) void send(event.currentTarget as HTMLFormElement)
  }

  return (
    <form ref={ref} class={className} aria-labelledby={id} onSubmit={submit} onInput={() => setProblems(NONE)}>
      <Heading id={id}>{title}</Heading>
      <Problems.Provider value={problems}>{children}</Problems.Provider>
      <p class="problem" role="alert" hidden={problems[WHOLE] === undefined}>{problems[WHOLE]}</p>
      <Button type="submit" kind={kind} isBusy={isBusy}>{action}</Button>
      {foot}
    </form>
  )
}
