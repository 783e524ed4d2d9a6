import { describe, expect, it } from 'vitest'
import { createOccupancy } from '../../../src/lib/occupancy.ts'

function createClocked () {
  const clock = { ms: 0 }
  return { clock, occupancy: createOccupancy(10_000, () => clock.ms) }
}

describe('occupancy', () => {
  it('is a mean in which what is a half-life ago counts half', () => {
    const { clock, occupancy } = createClocked()
    occupancy.begin('a')
    clock.ms = 10_000
    expect(occupancy.averageOf('a')).toBeCloseTo(0.5)
    clock.ms = 20_000
    expect(occupancy.averageOf('a')).toBeCloseTo(0.75)
    occupancy.end('a', 20_000)
    clock.ms = 30_000
    expect(occupancy.averageOf('a')).toBeCloseTo(0.375)
  })

  it('counts several places of one owner, and owners apart', () => {
    const { clock, occupancy } = createClocked()
    for (const owner of ['a', 'a', 'b']) occupancy.begin(owner)
    clock.ms = 10_000
    expect([occupancy.heldBy('a'), occupancy.heldBy('b'), occupancy.heldBy('c')]).toEqual([2, 1, 0])
    expect(occupancy.averageOf('a')).toBeCloseTo(1)
    expect(occupancy.averageOf('b')).toBeCloseTo(0.5)
    expect(occupancy.averageOf('c')).toBe(0)
  })

  it('knows what everybody else has held', () => {
    const { clock, occupancy } = createClocked()
    for (const owner of ['a', 'b', 'b']) occupancy.begin(owner)
    clock.ms = 10_000
    expect(occupancy.averageOfOthers('a')).toBeCloseTo(1)
    expect(occupancy.averageOfOthers('b')).toBeCloseTo(0.5)
    expect(occupancy.averageOfOthers('c')).toBeCloseTo(1.5)
  })

  it('weighs a long task more than many short ones', () => {
    const { clock, occupancy } = createClocked()
    occupancy.begin('long')
    for (let i = 0; i < 20; i++) {
      occupancy.begin('short')
      clock.ms += 10
      occupancy.end('short', 10)
      clock.ms += 90
    }
    occupancy.end('long', 2_000)
    expect(occupancy.averageOf('long')).toBeGreaterThan(5 * occupancy.averageOf('short'))
  })

  it('knows how long an owner holds a place each time', () => {
    const { occupancy } = createClocked()
    expect(occupancy.durationOf('a')).toBe(0)
    for (const durationMs of [100, 200, 100]) {
      occupancy.begin('a')
      occupancy.end('a', durationMs)
    }
    expect(occupancy.durationOf('a')).toBeCloseTo(121)
  })
})
