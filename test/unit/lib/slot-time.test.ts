import { beforeEach, describe, expect, it } from 'vitest'
import { createSlotTime, type SlotTime } from '../../../src/lib/slot-time.ts'

let nowMs: number
let time: SlotTime

beforeEach(() => {
  nowMs = 0
  time = createSlotTime(() => nowMs)
})

function begin (owner: string, slots = 1): void {
  for (let i = 0; i < slots; i++) {
    time.join(owner)
    time.begin(owner)
  }
}

function hold (owner: string, durationMs: number, slots = 1): void {
  begin(owner, slots)
  nowMs += durationMs
  for (let i = 0; i < slots; i++) time.end(owner)
}

describe('slot time', () => {
  it('counts every slot, also while it is held', () => {
    begin('a', 3)
    begin('b')
    nowMs = 500
    expect(time.usedBy('a') - time.usedBy('b')).toBe(1_000)
    expect([time.heldBy('a'), time.heldBy('b'), time.heldBy('c')]).toEqual([3, 1, 0])
  })

  it('lets who comes back after a pause begin before those who are busy, by a second and no more', () => {
    begin('busy')
    hold('guest', 10)
    nowMs = 3_600_000
    time.join('guest')
    expect(time.usedBy('busy') - time.usedBy('guest')).toBe(1_000)
    expect([time.isLight('guest'), time.isLight('busy')]).toEqual([true, false])
    time.begin('guest')
    nowMs += 999
    expect(time.isLight('guest')).toBe(true)
    nowMs += 2
    expect(time.isLight('guest')).toBe(false)
  })

  it('holds what one has used against him for a minute of the others at most', () => {
    begin('busy')
    hold('greedy', 3_600_000, 4)
    time.join('greedy')
    expect(time.usedBy('greedy') - time.usedBy('busy')).toBe(60_000)
    expect(time.isLight('greedy')).toBe(false)
  })

  it('begins anew when nobody is busy', () => {
    hold('a', 100_000)
    begin('b')
    begin('a')
    expect(time.usedBy('a')).toBe(time.usedBy('b'))
    expect([time.isLight('a'), time.isLight('b'), time.isLight('nobody')]).toEqual([true, true, false])
  })

  it('has nobody light for long of those who are busy all the time', () => {
    for (const owner of ['a', 'b', 'c']) begin(owner)
    nowMs = 1_001
    time.join('a')
    expect(['a', 'b', 'c'].map(time.isLight)).toEqual([false, false, false])
  })
})
