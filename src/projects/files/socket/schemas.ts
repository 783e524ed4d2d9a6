import Type, { type Static } from 'typebox'
import { closed } from '../../../lib/schemas.ts'
import { ExcludeSchema, FindQuerySchema, ListQuerySchema, PathSchema } from '../schemas.ts'

const EncodingSchema = Type.Enum(['utf8', 'base64'])

/** A client's message that is no request. */
export const ControlMessageSchema = Type.Union([
  Type.Object({ type: Type.Literal('watch'), path: PathSchema, recursive: Type.Optional(Type.Boolean()), exclude: Type.Optional(ExcludeSchema) }, closed),
  Type.Object({ type: Type.Literal('unwatch'), path: PathSchema }, closed)
])
export type ControlMessage = Static<typeof ControlMessageSchema>
export type WatchMessage = Extract<ControlMessage, { type: 'watch' }>

/** What every request has: `id` is the client's, and comes back with the answer. */
export const RequestHeadSchema = Type.Object({
  id: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Integer()]),
  op: Type.String({ maxLength: 32 })
})
export type RequestHead = Static<typeof RequestHeadSchema>

export const ReadSchema = Type.Object({
  path: PathSchema,
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  length: Type.Optional(Type.Integer({ minimum: 0, maximum: 1024 ** 2 })),
  encoding: Type.Optional(EncodingSchema)
}, closed)

export const WriteSchema = Type.Object({
  path: PathSchema,
  content: Type.String(),
  encoding: Type.Optional(EncodingSchema),
  ifMatch: Type.Optional(Type.String({ maxLength: 1_000 })),
  ifNoneMatch: Type.Optional(Type.Literal('*'))
}, closed)

export const StatSchema = Type.Object({ path: PathSchema }, closed)
export const DeleteSchema = Type.Object({ path: PathSchema, ifMatch: Type.Optional(Type.String({ maxLength: 1_000 })) }, closed)
export const TransferSchema = Type.Object({ path: PathSchema, to: PathSchema, overwrite: Type.Optional(Type.Boolean()) }, closed)
export const ListSchema = ListQuerySchema
export const FindSchema = FindQuerySchema
