import { expect, it } from 'vitest'
import { cpuSharesFor } from '../../../src/runtime/runs/cpu-shares.ts'

it.each([
  [0, 1024],
  [0.24, 1024],
  [0.25, undefined],
  [0.49, undefined],
  [0.5, 64],
  [3, 64]
])('an owner who has held %d places lately runs with %s CPU shares', (heldLately, shares) => {
  expect(cpuSharesFor(heldLately)).toBe(shares)
})
