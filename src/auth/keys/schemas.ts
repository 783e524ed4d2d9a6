import Type, { type Static } from 'typebox'
import { closed, Instant, Nullable, pageQuery } from '../../lib/schemas.ts'

export const CreateKeyBodySchema = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]*$', 'x-form': 'must be without control characters' }),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'never, when left out' }))
}, closed)
export type CreateKeyBody = Static<typeof CreateKeyBodySchema>

const properties = {
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  prefix: Type.String({ description: 'the key\'s first characters' }),
  createdAt: Instant,
  expiresAt: Nullable(Instant)
}

export const CreatedKeySchema = Type.Object({
  ...properties,
  key: Type.String({ description: 'the key itself, shown this once' })
}, closed)

const KeySchema = Type.Object({
  ...properties,
  lastUsedAt: Nullable(Instant),
  predefined: Type.Boolean({ description: 'given by the server\'s configuration' })
}, closed)
export type Key = Static<typeof KeySchema>

export const ListKeysQuerySchema = Type.Object(pageQuery, closed)

export const KeysSchema = Type.Object({
  keys: Type.Array(KeySchema),
  nextCursor: Nullable(Type.String())
}, closed)
