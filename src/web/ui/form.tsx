import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { messageOf } from '../words.ts'
import { Button } from './button.tsx'

export type Fields = Readonly<Record<string, string>>

/** A form that is sent once at a time, and shows in it what was refused; what was said before goes with the next try. */
export function Form ({ title, heading: Heading = 'h2', action, kind = 'primary', onSubmit, class: className, children, foot }: {
  readonly title: string
  readonly heading?: 'h1' | 'h2' | 'h3' | undefined
  /** What is on its button. */
  readonly action: string
  readonly kind?: 'primary' | 'danger' | undefined
  readonly onSubmit: (fields: Fields, form: HTMLFormElement) => Promise<unknown>
  readonly class?: string | undefined
  readonly children?: ComponentChildren
  readonly foot?: ComponentChildren
}) {
  const id = useId()
  const ref = useRef<HTMLFormElement>(null)
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  // A browser heeds it in what is loaded, and not in what comes later.
  useLayoutEffect(() => ref.current?.querySelector<HTMLElement>('[autofocus]')?.focus(), [])

  async function send (form: HTMLFormElement): Promise<void> {
    setProblem(undefined)
    setBusy(true)
    const entries = [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    await onSubmit(Object.fromEntries(entries), form).catch((error: unknown) => setProblem(messageOf(error)))
    setBusy(false)
  }

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    if (!isBusy) void send(event.currentTarget as HTMLFormElement)
  }

  return (
    <form ref={ref} class={className} aria-labelledby={id} onSubmit={submit} onInput={() => setProblem(undefined)}>
      <Heading id={id}>{title}</Heading>
      {children}
      <p class="problem" role="alert" hidden={problem === undefined}>{problem}</p>
      <Button type="submit" kind={kind} isBusy={isBusy}>{action}</Button>
      {foot}
    </form>
  )
}
