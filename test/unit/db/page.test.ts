import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor, toPage } from '../../../src/db/page.ts'

const row = (n: number) => ({ id: `00000000-0000-4000-8000-00000000000${n}`, createdAt: new Date(1_700_000_000_000 + n) })

describe('a cursor', () => {
  it('comes back as it was given', () => {
    expect(decodeCursor(encodeCursor(row(1)))).toEqual(row(1))
  })

  it.each(['', 'x', '%', encodeCursor({ ...row(1), id: "' or true --" }), Buffer.from('9999999999999999.x').toString('base64url')])('%s is none', (text) => {
    expect(decodeCursor(text)).toBe(undefined)
  })
})

describe('a page', () => {
  it('leads to the next one only if there is more', () => {
    expect(toPage([row(3), row(2), row(1)], 2)).toEqual({ rows: [row(3), row(2)], nextCursor: encodeCursor(row(2)) })
    expect(toPage([row(3), row(2)], 2)).toEqual({ rows: [row(3), row(2)], nextCursor: null })
    expect(toPage([], 2)).toEqual({ rows: [], nextCursor: null })
  })
})
