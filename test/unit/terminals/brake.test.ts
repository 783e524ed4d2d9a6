import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBrake } from '../../../src/projects/terminals/brake.ts'

describe('a brake', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function createScriptedBrake () {
    const state = { isPaused: false, timeouts: 0 }
    const source = { pause: () => { state.isPaused = true }, resume: () => { state.isPaused = false } }
    return { state, brake: createBrake({ stopMs: 1500, releaseBytes: 1000 }, { source, onTimeout: () => { state.timeouts++ } }) }
  }

  it('stops the source while nobody wants more', () => {
    const { state, brake } = createScriptedBrake()
    brake.setWanted(false)
    expect(state.isPaused).toBe(true)
    brake.setWanted(true)
    expect(state.isPaused).toBe(false)
    vi.advanceTimersByTime(10_000)
    expect(state.timeouts).toBe(0)
  })

  it('never stops it for longer than the limit, however often it is told to', () => {
    const { state, brake } = createScriptedBrake()
    brake.setWanted(false)
    vi.advanceTimersByTime(1000)
    brake.setWanted(false)
    vi.advanceTimersByTime(499)
    expect(state.isPaused).toBe(true)
    vi.advanceTimersByTime(1)
    expect(state).toEqual({ isPaused: false, timeouts: 1 })
  })

  it('lets enough through after a stop before the next', () => {
    const { state, brake } = createScriptedBrake()
    brake.setWanted(false)
    vi.advanceTimersByTime(1500)
    brake.received(600)
    brake.setWanted(false)
    expect(state.isPaused).toBe(false)
    brake.received(400)
    brake.setWanted(false)
    expect(state.isPaused).toBe(true)
    vi.advanceTimersByTime(1500)
    expect(state).toEqual({ isPaused: false, timeouts: 2 })
  })

  it('adds up short stops of a client that is merely slow', () => {
    const { state, brake } = createScriptedBrake()
    for (let round = 0; round < 14; round++) {
      brake.setWanted(false)
      vi.advanceTimersByTime(100)
      brake.setWanted(true)
      brake.received(50)
    }
    brake.setWanted(false)
    vi.advanceTimersByTime(100)
    expect(state).toEqual({ isPaused: false, timeouts: 1 })
    brake.received(300)
    brake.setWanted(false)
    expect(state.isPaused).toBe(true)
  })

  it('begins anew when there was nothing more to read', () => {
    const { state, brake } = createScriptedBrake()
    brake.setWanted(false)
    vi.advanceTimersByTime(1499)
    brake.setWanted(true)
    vi.advanceTimersByTime(101)
    brake.received(1)
    brake.setWanted(false)
    vi.advanceTimersByTime(1499)
    expect(state.isPaused).toBe(true)
  })

  it('leaves no timer behind when it is released', () => {
    const { state, brake } = createScriptedBrake()
    brake.setWanted(false)
    brake.release()
    expect([state.isPaused, vi.getTimerCount()]).toEqual([false, 0])
  })
})
