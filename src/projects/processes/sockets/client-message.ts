import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { closed } from '../../../lib/schemas.ts'
import type { ClientMessage } from '../../../protocols/terminal.ts'

export const ColsSchema = Type.Integer({ minimum: 1, maximum: 1000 })
export const RowsSchema = Type.Integer({ minimum: 1, maximum: 1000 })

const MESSAGE_BYTES = 1024
const validator = Compile(Type.Union([
  Type.Object({ type: Type.Literal('resize'), cols: ColsSchema, rows: RowsSchema }, closed),
  Type.Object({ type: Type.Literal('ack'), bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) }, closed)
]))

/** Undefined for what is none of the protocol's messages. */
export function parseClientMessage (text: Buffer): Exclude<ClientMessage, { type: 'ping' }> | undefined {
  if (text.length > MESSAGE_BYTES) return undefined
  try {
    const value: unknown = JSON.parse(text.toString('utf8'))
    return validator.Check(value) ? value : undefined
  } catch {
    return undefined // No JSON.
  }
}
