import { describe, expect, it } from 'vitest'
import { deriveReserve, isBelowReserve } from '../../../src/disk/reserve.ts'

const GIB = 1024 ** 3

it.each([
  [10, 1],
  [20, 2],
  [100, 5],
  [1000, 16]
])('of a disk of %d GiB %d stay free', (total, reserve) => {
  expect(deriveReserve(total * GIB)).toBe(reserve * GIB)
})

describe('below the reserve', () => {
  const space = { totalBytes: 100 * GIB, freeBytes: 6 * GIB, totalInodes: 1_000, freeInodes: 500 }
  it.each<[string, Partial<typeof space>, number | undefined, number, boolean]>([
    ['not with more than it', {}, undefined, 0, false],
    ['with what is about to be taken', {}, undefined, 2 * GIB, true],
    ['as configured', {}, 7 * GIB, 0, true],
    ['with hardly any inodes left', { freeInodes: 49 }, undefined, 0, true],
    ['not where inodes are not counted', { totalInodes: 0, freeInodes: 0 }, undefined, 0, false]
  ])('%s', (_name, change, configured, more, expected) => {
    expect(isBelowReserve({ ...space, ...change }, configured, more)).toBe(expected)
  })
})
