import { useLayoutEffect, useRef } from 'preact/hooks'
import { problemWithName } from '../../../client/files/paths.ts'
import { useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'

export interface PathQuestion {
  readonly title: string
  readonly value: string
  readonly action: string
}

/** Asks for a path, with the name in it selected. */
export function PathDialog ({ question: { title, value, action }, label, onAnswer }: { readonly question: PathQuestion, readonly label: string, readonly onAnswer: (path: string | undefined) => void }) {
  const { texts } = useConsole()
  const input = useRef<HTMLInputElement>(null)
  // After the window has given the focus to what it likes.
  useLayoutEffect(() => {
    input.current?.focus()
    input.current?.setSelectionRange(value.lastIndexOf('/') + 1, value.length)
  }, [])

  return (
    <Dialog title={title} isTitleShown={false} onClose={() => onAnswer(undefined)}>
      <Form
        title={title} action={action} foot={<Button onPress={() => onAnswer(undefined)}>{texts.shell.cancel}</Button>}
        onSubmit={async () => {
          const path = input.current?.value ?? ''
          const problem = problemWithName(path)
          if (problem !== undefined) throw new Error(problem)
          onAnswer(path)
        }}
      >
        <label class="field">{label} <input ref={input} defaultValue={value} autocomplete="off" autocapitalize="off" spellcheck={false} autoFocus /></label>
      </Form>
    </Dialog>
  )
}
