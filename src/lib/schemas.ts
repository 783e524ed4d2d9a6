import Type from 'typebox'

/** Of an object that has no other fields. */
export const closed = { additionalProperties: false } as const

export const Instant = Type.String({ format: 'date-time' })

export const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
