import { describe, expect, it } from 'vitest'
import { createBackoff } from '../../../src/projects/language-servers/backoff.ts'

function create () {
  let time = 1_000
  return { backoff: createBackoff(() => time), pass: (ms: number) => { time += ms } }
}

describe('what is started again after it has failed', () => {
  it('waits twice as long each time, a minute at most', () => {
    const { backoff } = create()
    expect(backoff.waitMs('a')).toBe(0)
    const waits = Array.from({ length: 11 }, () => {
      backoff.fail('a', 100)
      return backoff.waitMs('a')
    })
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000])
    expect(backoff.waitMs('b')).toBe(0)
  })

  it('waits from when it has failed', () => {
    const { backoff, pass } = create()
    backoff.fail('a', 100)
    pass(150)
    expect(backoff.waitMs('a')).toBe(50)
    pass(100)
    expect(backoff.waitMs('a')).toBe(0)
  })

  it('begins anew when it has lived for a while, or has not been tried for long', () => {
    const { backoff, pass } = create()
    for (let i = 0; i < 5; i++) backoff.fail('a', 100)
    backoff.fail('a', 10_000)
    expect(backoff.waitMs('a')).toBe(200)
    backoff.fail('a', 100)
    expect(backoff.waitMs('a')).toBe(400)
    pass(61_000)
    backoff.fail('a', 100)
    expect(backoff.waitMs('a')).toBe(200)
  })
})
