import { describe, expect, it } from 'vitest'
import { resealRows } from '../../../src/projects/variables/reseal.ts'
import { createSeal } from '../../../src/lib/seal.ts'

const [OLD, NEW, LOST] = ['o'.repeat(32), 'n'.repeat(32), 'l'.repeat(32)]

interface Row { name: string, value: Buffer }

function createTable (rows: Row[]) {
  return {
    rows,
    sealedOtherwise: async (mark: Buffer, limit: number) => rows.filter(({ value }) => !value.subarray(0, mark.length).equals(mark)).slice(0, limit),
    replace: async (was: Row, sealed: Buffer) => { was.value = sealed }
  }
}

describe('with a new key', () => {
  const seal = createSeal([NEW, OLD], 'a test')
  const reseal = ({ value, name }: Row): Buffer => seal.seal(seal.open(value, name), name)
  const sealedWith = (key: string, count: number): Row[] => Array.from({ length: count }, (_, i) => ({ name: `${key[0]}${i}`, value: createSeal([key], 'a test').seal(`value ${i}`, `${key[0]}${i}`) }))

  it('everything is sealed anew, however many there are', async () => {
    const table = createTable(sealedWith(OLD, 250))
    await resealRows(table, { mark: seal.mark, reseal, signal: new AbortController().signal, onError: (error) => { throw error } })
    expect(table.rows.map(({ name, value }) => createSeal([NEW], 'a test').open(value, name))).toEqual(table.rows.map((_, i) => `value ${i}`))
  })

  it('what no key opens stays, is told of, and keeps nothing else from it nor goes on for ever', async () => {
    const table = createTable([...sealedWith(LOST, 2), ...sealedWith(OLD, 2)])
    const told: string[] = []
    await resealRows(table, { mark: seal.mark, reseal, signal: new AbortController().signal, onError: (_error, { name }) => told.push(name) })
    expect(told).toEqual(['l0', 'l1'])
    expect((await table.sealedOtherwise(seal.mark, 9)).map(({ name }) => name)).toEqual(['l0', 'l1'])
  })
})
