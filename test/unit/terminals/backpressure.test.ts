import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBackpressure } from '../../../src/projects/terminals/backpressure.ts'

describe('a backpressure', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function createScripted () {
    const state = { isPaused: false, timeouts: 0 }
    const source = { pause: () => { state.isPaused = true }, resume: () => { state.isPaused = false } }
    return { state, backpressure: createBackpressure({ stopMs: 1500, releaseBytes: 1000 }, { source, onTimeout: () => { state.timeouts++ } }) }
  }

  it('stops the source while nobody wants more', () => {
    const { state, backpressure } = createScripted()
    backpressure.setWanted(false)
    expect(state.isPaused).toBe(true)
    backpressure.setWanted(true)
    expect(state.isPaused).toBe(false)
    vi.advanceTimersByTime(10_000)
    expect(state.timeouts).toBe(0)
  })

  it('never stops it for longer than the limit, however often it is told to', () => {
    const { state, backpressure } = createScripted()
    backpressure.setWanted(false)
    vi.advanceTimersByTime(1000)
    backpressure.setWanted(false)
    vi.advanceTimersByTime(499)
    expect(state.isPaused).toBe(true)
    vi.advanceTimersByTime(1)
    expect(state).toEqual({ isPaused: false, timeouts: 1 })
  })

  it('lets enough through after a stop before the next', () => {
    const { state, backpressure } = createScripted()
    backpressure.setWanted(false)
    vi.advanceTimersByTime(1500)
    backpressure.received(600)
    backpressure.setWanted(false)
    expect(state.isPaused).toBe(false)
    backpressure.received(400)
    backpressure.setWanted(false)
    expect(state.isPaused).toBe(true)
    vi.advanceTimersByTime(1500)
    expect(state).toEqual({ isPaused: false, timeouts: 2 })
  })

  it('adds up short stops of a client that is merely slow', () => {
    const { state, backpressure } = createScripted()
    for (let round = 0; round < 14; round++) {
      backpressure.setWanted(false)
      vi.advanceTimersByTime(100)
      backpressure.setWanted(true)
      backpressure.received(50)
    }
    backpressure.setWanted(false)
    vi.advanceTimersByTime(100)
    expect(state).toEqual({ isPaused: false, timeouts: 1 })
    backpressure.received(300)
    backpressure.setWanted(false)
    expect(state.isPaused).toBe(true)
  })

  it('begins anew when there was nothing more to read', () => {
    const { state, backpressure } = createScripted()
    backpressure.setWanted(false)
    vi.advanceTimersByTime(1499)
    backpressure.setWanted(true)
    vi.advanceTimersByTime(101)
    backpressure.received(1)
    backpressure.setWanted(false)
    vi.advanceTimersByTime(1499)
    expect(state.isPaused).toBe(true)
  })

  it('leaves no timer behind when it is released', () => {
    const { state, backpressure } = createScripted()
    backpressure.setWanted(false)
    backpressure.release()
    expect([state.isPaused, vi.getTimerCount()]).toEqual([false, 0])
  })
})
