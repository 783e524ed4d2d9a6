export type EntryType = 'file' | 'directory' | 'symlink' | 'other'

export interface Entry {
  readonly path: string
  readonly type: EntryType
  readonly size: number
  readonly etag: string
}

export interface Change {
  readonly type: 'change'
  readonly kind: 'created' | 'modified' | 'deleted' | 'moved'
  readonly path: string
  readonly to?: string
  readonly entryType: EntryType
  /** Of what is there now. */
  readonly etag?: string
}

/** What the server says of its own accord. */
export type Notice =
  | { readonly type: 'connected' }
  | { readonly type: 'watching' | 'unwatched' | 'overflow', readonly path: string }
  | Change
  | { readonly type: 'error', readonly code: string, readonly message: string, readonly path?: string }

export interface Answer {
  readonly id: number
  readonly ok: boolean
  readonly [field: string]: unknown
}

/** The operations that the page asks for, with what the server answers. */
export interface Operations {
  list: { fields: { path: string, limit: number }, answer: { entries: Entry[], truncated: boolean } }
  stat: { fields: { path: string }, answer: { entry: Entry } }
  read: { fields: { path: string }, answer: { entry: Entry, content: string, encoding: 'utf8' | 'base64' } }
  write: { fields: { path: string, content: string, ifMatch?: string, ifNoneMatch?: '*' }, answer: { entry: Entry } }
  mkdir: { fields: { path: string }, answer: { entry: Entry } }
  move: { fields: { path: string, to: string, overwrite?: boolean }, answer: { entry: Entry } }
  delete: { fields: { path: string }, answer: object }
}

const kinds: readonly unknown[] = ['created', 'modified', 'deleted', 'moved']

/** Undefined for what is none of the protocol's messages: a newer server may have more of them. */
export function parseMessage (text: string): { answer: Answer } | { notice: Notice } | undefined {
  const fields = parseObject(text)
  if (fields === undefined) return undefined
  if (Number.isSafeInteger(fields['id']) && typeof fields['ok'] === 'boolean') return { answer: fields as unknown as Answer }
  return isNotice(fields) ? { notice: fields as unknown as Notice } : undefined
}

function parseObject (text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

function isNotice (fields: Record<string, unknown>): boolean {
  const hasTexts = (...names: string[]): boolean => names.every((name) => typeof fields[name] === 'string')
  switch (fields['type']) {
    case 'connected': return true
    case 'watching':
    case 'unwatched':
    case 'overflow': return hasTexts('path')
    case 'change': return hasTexts('path', 'entryType') && kinds.includes(fields['kind']) && (fields['kind'] !== 'moved' || hasTexts('to'))
    case 'error': return hasTexts('code', 'message')
    default: return false
  }
}
