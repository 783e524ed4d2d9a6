import { describe, expect, it } from 'vitest'
import { createDemand } from '../../../src/sandbox/pool/demand.ts'

describe('demand', () => {
  it('follows how often a fresh sandbox is asked for, and forgets by halves', () => {
    const demand = createDemand(60_000)
    for (let ms = 0; ms < 600_000; ms += 500) demand.record('python', true, ms)
    const rate = (nowMs: number) => demand.view(nowMs).get('python')?.freshPerSecond ?? 0
    expect(rate(600_000)).toBeCloseTo(2, 1)
    expect(rate(660_000)).toBeCloseTo(1, 1)
    expect(rate(1_200_000)).toBeLessThan(0.01)
  })

  it('notes the use of a sandbox that needed not be fresh, but does not count it', () => {
    const demand = createDemand(60_000)
    demand.record('bun', false, 1000)
    expect(demand.view(2000).get('bun')).toEqual({ freshPerSecond: 0, lastUsedMs: 1000 })
    expect(demand.view(2000).has('python')).toBe(false)
  })
})
