import Type from 'typebox'

/** Of an object that has no other fields. */
export const closed = { additionalProperties: false } as const

export const Instant = Type.String({ format: 'date-time' })

/** Of a text without control characters, some of which the database has no place for. */
export const Printable = { pattern: '^[^\\u0000-\\u001f\\u007f]*$', 'x-form': 'must be without control characters' } as const

export const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const IdParams = Type.Object({ id: Type.String({ format: 'uuid' }) }, closed)

/** What a list that goes on is asked with. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 256, description: 'nextCursor of the page before' }))
}
