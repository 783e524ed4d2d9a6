import Type, { type Static } from 'typebox'
import { closed, Nullable } from '../../lib/schemas.ts'
import { ColsSchema, RowsSchema } from '../processes/sockets/client-message.ts'

export const ConnectQuerySchema = Type.Object({
  terminal: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'the terminal to attach to; without it a new one is opened' })),
  cols: Type.Optional(ColsSchema),
  rows: Type.Optional(RowsSchema),
  since: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'position from which on bytes are wanted; default all that are kept' }))
}, { ...closed, dependencies: { cols: ['rows'], rows: ['cols'], since: ['terminal'] } })

export const ProjectTerminalsParamsSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
export const TerminalParamsSchema = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  terminal: Type.String({ minLength: 1, maxLength: 64 })
})

export const TerminalSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  cols: ColsSchema,
  rows: RowsSchema,
  seq: Type.Integer({ description: 'bytes of output so far' }),
  sockets: Type.Integer({ description: 'how many are attached' }),
  ended: Type.Boolean({ description: 'its shell has ended, and somebody who was cut off may still see how' }),
  createdAt: Type.String({ format: 'date-time' })
}, closed)
export type TerminalReport = Static<typeof TerminalSchema>

export const TerminalListSchema = Type.Object({
  terminals: Type.Array(TerminalSchema),
  nextCursor: Nullable(Type.String({ description: 'always null: there are never many' }))
}, closed)
