import Type from 'typebox'
import { describe, expect, it } from 'vitest'
import { createDropNulls } from '../../../src/lib/drop-nulls.ts'

const drop = (schema: object, value: unknown): unknown => {
  createDropNulls(schema)?.(value)
  return value
}
const closed = { additionalProperties: false } as const
const Inner = Type.Object({ name: Type.String(), note: Type.Optional(Type.String()) }, closed)

describe('null', () => {
  it('is as if an optional field had been left out, and stays in a required or unknown one', () => {
    const schema = Type.Object({ a: Type.Optional(Type.Integer()), b: Type.String(), c: Type.Optional(Type.Array(Type.String())) }, closed)
    expect(drop(schema, { a: null, b: null, c: null, d: null })).toEqual({ b: null, d: null })
  })

  it('goes from objects in objects, in arrays and in maps', () => {
    const schema = Type.Object({ one: Inner, many: Type.Optional(Type.Array(Inner)), named: Type.Optional(Type.Record(Type.String(), Inner)) })
    expect(drop(schema, { one: { name: 'a', note: null }, many: [{ name: 'b', note: null }, { name: null, note: null }], named: { x: { name: 'c', note: null } } }))
      .toEqual({ one: { name: 'a' }, many: [{ name: 'b' }, { name: null }], named: { x: { name: 'c' } } })
  })

  it('stays where it means something', () => {
    const schema = Type.Object({ a: Type.Optional(Type.Union([Type.String(), Type.Null()])), b: Type.Optional(Type.Null()), c: Type.Optional(Type.Unknown()), d: Type.Optional(Type.String()) })
    expect(drop(schema, { a: null, b: null, c: null, d: null })).toEqual({ a: null, b: null, c: null })
  })

  it('goes from a message of several kinds unless one of them needs the field', () => {
    const schema = Type.Union([
      Type.Object({ op: Type.Literal('mkdir'), path: Type.String() }, closed),
      Type.Object({ op: Type.Literal('move'), path: Type.String(), to: Type.String(), overwrite: Type.Optional(Type.Boolean()) }, closed)
    ])
    expect(drop(schema, { op: 'move', path: 'a', to: null, overwrite: null })).toEqual({ op: 'move', path: 'a', to: null })
    expect(drop(schema, { op: 'mkdir', path: null, overwrite: null })).toEqual({ op: 'mkdir', path: null })
  })

  it('is no entry of an array or a map that could be left out', () => {
    const schema = Type.Object({ args: Type.Optional(Type.Array(Type.String())), env: Type.Optional(Type.Record(Type.String(), Type.String())) })
    expect(drop(schema, { args: ['a', null], env: { K: null } })).toEqual({ args: ['a', null], env: { K: null } })
  })

  it.each([null, 1, 'text', [null]])('leaves %j, which is no object, as it is', (value) => {
    expect(drop(Inner, value)).toEqual(value)
  })
})
