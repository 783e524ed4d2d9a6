import { expect, it } from 'vitest'
import { givenMemoryBytes } from '../../../src/projects/core/given-memory.ts'

const MIB = 1024 ** 2
const usual = { memoryBytes: 512 * MIB, memoryMaxBytes: 2048 * MIB, budgetBytes: 16_384 * MIB }

it.each([
  ['what its language needs', 1024, {}, 1024],
  ['what all have, where that is more', 256, {}, 512],
  ['no more than somebody can choose', 4096, {}, 2048],
  ['no more than an eighth of the memory for all', 1024, { budgetBytes: 6400 * MIB }, 800],
  ['what all have on a small host', 1024, { budgetBytes: 1024 * MIB }, 512]
])('a project that has not chosen has %s', (_name, neededMib, more, mib) => {
  expect(givenMemoryBytes(neededMib * MIB, { ...usual, ...more })).toBe(mib * MIB)
})
