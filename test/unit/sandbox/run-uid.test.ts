import { expect, it } from 'vitest'
import { pickRunUid } from '../../../src/sandbox/run-uid.ts'

it('gives each run sandbox a uid that nobody on a host has', () => {
  const uids = Array.from({ length: 200 }, pickRunUid)
  expect(new Set(uids).size).toBeGreaterThan(198)
  for (const uid of uids) {
    expect(uid).toBeGreaterThanOrEqual(2 ** 30)
    expect(uid).toBeLessThan(2 ** 31 - 2 ** 16)
  }
})
