import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** What the fields of a form were refused for, by their names. */
export const Problems = createContext<Readonly<Record<string, string>>>({})

export function useProblem (name: unknown): string | undefined {
  const problems = useContext(Problems)
  return typeof name === 'string' ? problems[name] : undefined
}

/** What was filled in is not sent at all, because of one field. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
  readonly field: string

  constructor (field: string, message: string) {
    super(message)
    this.field = field
  }
}
