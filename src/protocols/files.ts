export type EntryType = 'file' | 'directory' | 'symlink' | 'other'

export interface Entry {
  readonly path: string
  readonly type: EntryType
  readonly size: number
  readonly mtime: string
  /** Permission bits. */
  readonly mode: number
  /** What a symlink says. */
  readonly target?: string
  readonly etag: string
}

export interface Change {
  readonly type: 'change'
  /** The watch that saw it. */
  readonly watch: string
  readonly kind: 'created' | 'modified' | 'deleted' | 'moved'
  readonly path: string
  readonly to?: string
  readonly entryType: EntryType
  /** Of what is there now. */
  readonly etag?: string
}

export interface Progress {
  readonly type: 'progress'
  readonly operation: string
  readonly stage: string
  readonly percent: number | null
  readonly message: string
}

/** What the server sends of its own accord. */
export type Notice =
  | { readonly type: 'connected', readonly project: string }
  | { readonly type: 'watching' | 'unwatched' | 'overflow', readonly path: string }
  | Change
  | Progress
  | { readonly type: 'error', readonly code: string, readonly message: string, readonly path?: string }

/** What a client sends that is no request. */
export type Control =
  | { readonly type: 'watch', readonly path: string, readonly recursive?: boolean, readonly exclude?: readonly string[] }
  | { readonly type: 'unwatch', readonly path: string }
  | { readonly type: 'ping' }

/** To a request, whose `id` it has: a number, or a text of the client's. */
export interface Answer<Id = number> {
  readonly id: Id
  readonly ok: boolean
  readonly [field: string]: unknown
}

export type Encoding = 'utf8' | 'base64'

/** A name, or a line, that was looked for. */
export interface Match {
  readonly path: string
  readonly type: EntryType
  /** From 1; null where it is the name that matched. */
  readonly line: number | null
  /** From 1, in bytes. */
  readonly column: number | null
  /** The line, at most 512 bytes of it. */
  readonly text: string | null
}

/** The operations that requests ask for, with what the server answers. */
export interface Operations {
  list: { fields: { path: string, limit: number, depth?: number, cursor?: string, exclude?: string[] }, answer: { entries: Entry[], truncated: boolean, nextCursor: string | null } }
  find: { fields: { name?: string, text?: string, ignoreCase?: boolean, limit: number, exclude?: string[] }, answer: { matches: Match[], truncated: boolean } }
  stat: { fields: { path: string }, answer: { entry: Entry } }
  read: { fields: { path: string }, answer: { entry: Entry, content: string, encoding: Encoding } }
  write: { fields: { path: string, content: string, ifMatch?: string, ifNoneMatch?: '*' }, answer: { entry: Entry } }
  mkdir: { fields: { path: string }, answer: { entry: Entry } }
  move: { fields: { path: string, to: string, overwrite?: boolean }, answer: { entry: Entry } }
  delete: { fields: { path: string }, answer: object }
}
