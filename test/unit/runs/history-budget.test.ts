import { expect, it } from 'vitest'
import { fairLevel } from '../../../src/runtime/runs/history-budget.ts'

it.each<[string, number[], number, number]>([
  ['all fits', [1, 2, 3], 6, Infinity],
  ['nobody has anything', [], 10, Infinity],
  ['one has it all', [100], 40, 40],
  ['those who have less keep everything', [5, 100, 10], 45, 30],
  ['all have too much', [100, 200, 300], 90, 30],
  ['what does not divide is rounded down', [10, 10, 10], 10, 3],
  ['there is no room at all', [10, 10], 0, 0]
])('the level where %s', (_what, sizes, budget, level) => {
  expect(fairLevel(sizes, budget)).toBe(level)
})
