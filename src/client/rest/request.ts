import type { Operations } from './operations.ts'

/** A call of the API, such as `GET /projects/{id}`. */
export type Call = keyof Operations

export type Answer<Name extends Call> = Operations[Name]['answer']

type Input<Name extends Call> = Omit<Operations[Name], 'answer'>

/** What a call takes: its parameters, its query, its body. */
export type Given<Name extends Call> = Input<Name> & { readonly signal?: AbortSignal }

/** Left out where nothing must be given. */
export type Arguments<Name extends Call> = Record<string, never> extends Input<Name> ? [given?: Given<Name>] : [given: Given<Name>]

export interface LooseInput {
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** The path of a call with its parameters in place. A parameter `*` may have slashes. */
export function pathOf (template: string, { params = {}, query = {} }: LooseInput): string {
  const path = template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = String(params[name])
    return name === '*' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
  })
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.append(name, String(value))
  return search.size === 0 ? path : `${path}?${search.toString()}`
}
