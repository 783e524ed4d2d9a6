import { DockerError } from './errors.ts'
import { operations, type OperationName } from './operations.ts'
import type { Filters } from './options.ts'
import type { UploadSource } from './upload.ts'

export type QueryValue = string | number | boolean | readonly string[] | Filters | Record<string, string> | undefined

export interface Request {
  params?: Record<string, string>
  query?: Record<string, QueryValue>
  /** Sent as JSON. */
  body?: object | undefined
  /** A tar, sent as it comes; such a request cannot be sent twice. */
  upload?: UploadSource
  headers?: Record<string, string>
}

/** Fills the operation's path parameter and appends the query. */
export function requestPath (operation: OperationName, { params = {}, query }: Request): string {
  const path = operations[operation].path.replace(/\{(\w+)\}/, (_, name: string) => pathSegment(operation, params[name] ?? ''))
  if (query === undefined) return path
  const search = queryString(query)
  return search === '' ? path : `${path}?${search}`
}

/** An empty name or a dot would make the Engine's router clean the path into that of another operation. */
function pathSegment (operation: OperationName, value: string): string {
  if (value === '' || value === '.' || value === '..') {
    throw new DockerError({ code: 'bad_request', operation, message: `"${value}" is not a name or id` })
  }
  return encodeURIComponent(value)
}

function queryString (query: Record<string, QueryValue>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    if (isList(value)) for (const item of value) search.append(name, item)
    else if (typeof value === 'object') search.append(name, JSON.stringify(value))
    else search.append(name, typeof value === 'boolean' ? String(Number(value)) : String(value))
  }
  return search.toString()
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList (value: QueryValue): value is readonly string[] {
  return Array.isArray(value)
}
