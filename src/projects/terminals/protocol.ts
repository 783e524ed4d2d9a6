import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'

/** Bytes are binary frames, control is JSON in text frames. */
export const TERM_V1 = 'term.v1'
/** Every frame is bytes, as xterm.js's own attach addon wants it. */
export const TERM_RAW = 'term.raw'

const closed = { additionalProperties: false } as const

export const ColsSchema = Type.Integer({ minimum: 1, maximum: 1000 })
export const RowsSchema = Type.Integer({ minimum: 1, maximum: 1000 })

const ClientMessageSchema = Type.Union([
  Type.Object({ type: Type.Literal('resize'), cols: ColsSchema, rows: RowsSchema }, closed),
  Type.Object({ type: Type.Literal('ack'), bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) }, closed),
  Type.Object({ type: Type.Literal('ping') }, closed)
])
export type ClientMessage = Static<typeof ClientMessageSchema>

export type ServerMessage =
  | { readonly type: 'hello', readonly terminal: string, readonly seq: number, readonly cols: number, readonly rows: number, readonly replay: number }
  | { readonly type: 'exit', readonly code: number }
  | { readonly type: 'lost', readonly bytes: number }
  | { readonly type: 'size', readonly cols: number, readonly rows: number }
  | { readonly type: 'error', readonly code: string, readonly message: string }

const MESSAGE_BYTES = 1024
const validator = Compile(ClientMessageSchema)

/** Undefined for what is none of the protocol's messages. */
export function parseClientMessage (text: Buffer): ClientMessage | undefined {
  if (text.length > MESSAGE_BYTES) return undefined
  try {
    const value: unknown = JSON.parse(text.toString('utf8'))
    return validator.Check(value) ? value : undefined
  } catch {
    return undefined // No JSON.
  }
}
