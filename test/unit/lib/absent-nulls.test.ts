import Type from 'typebox'
import { describe, expect, it } from 'vitest'
import { removeAbsentNulls } from '../../../src/lib/absent-nulls.ts'
import { ExecuteBodySchema } from '../../../src/runtime/execution/schemas.ts'

function without (schema: Type.TSchema, value: unknown): unknown {
  removeAbsentNulls(schema as Parameters<typeof removeAbsentNulls>[0], value)
  return value
}

describe('null for what is absent', () => {
  it('is as good as leaving it out, for every optional field of a run', () => {
    const nulls = Object.fromEntries(Object.keys(ExecuteBodySchema.properties).map((name) => [name, null]))
    expect(without(ExecuteBodySchema, { ...nulls, language: 'python' })).toEqual({ language: 'python' })
    expect(without(ExecuteBodySchema, { language: 'python', files: [{ path: 'a', content: '', encoding: null }] }))
      .toEqual({ language: 'python', files: [{ path: 'a', content: '' }] })
  })

  it('stays where it is required, means something, or stands in a map of the client\'s', () => {
    const schema = Type.Object({
      required: Type.String(),
      nullable: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      any: Type.Optional(Type.Unknown()),
      map: Type.Optional(Type.Record(Type.String(), Type.String())),
      nested: Type.Optional(Type.Object({ inner: Type.Optional(Type.Integer()) }))
    })
    const value = { required: null, nullable: null, any: null, map: { a: null }, unknown: null }
    expect(without(schema, structuredClone(value))).toEqual(value)
    expect(without(schema, { required: '', nested: { inner: null } })).toEqual({ required: '', nested: {} })
  })

  it.each([null, 1, 'text', [], [null], { files: 'no array' }, { files: [null, 1] }])('leaves %j to the validation', (value) => {
    expect(without(ExecuteBodySchema, structuredClone(value))).toEqual(value)
  })
})
