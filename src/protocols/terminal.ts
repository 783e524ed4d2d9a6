/** Bytes are binary frames, control is JSON in text frames. */
export const TERM_V1 = 'term.v1'
/** Every frame is bytes, as xterm.js's own attach addon wants it. */
export const TERM_RAW = 'term.raw'

export interface Size {
  readonly cols: number
  readonly rows: number
}

export interface Hello extends Size {
  readonly type: 'hello'
  readonly terminal: string
  /** Number of the first byte that this socket will receive. */
  readonly seq: number
  /** How many of the coming bytes are old. */
  readonly replay: number
}

export type ServerMessage =
  | Hello
  | { readonly type: 'exit', readonly code: number | null }
  | { readonly type: 'lost', readonly bytes: number }
  | { readonly type: 'size' } & Size
  | { readonly type: 'error', readonly code: string, readonly message: string }

export type ClientMessage =
  | { readonly type: 'resize' } & Size
  | { readonly type: 'ack', readonly bytes: number }
  | { readonly type: 'ping' }
