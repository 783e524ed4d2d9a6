import { describe, expect, it } from 'vitest'
import { createActivity } from '../../../src/projects/lifecycle/activity.ts'

function setUp () {
  const batches: Array<Record<string, number>> = []
  const clock = { now: 0 }
  let failure: Error | undefined
  const activity = createActivity({
    flushMs: 1_000,
    onError: () => undefined,
    now: () => clock.now,
    record: async (agesMs) => {
      if (failure !== undefined) throw failure
      batches.push(Object.fromEntries(agesMs))
    }
  })
  return { activity, batches, clock, fail: (error: Error | undefined) => { failure = error } }
}

describe('activity', () => {
  it('is written once for many touches, with its age', async () => {
    const { activity, batches, clock } = setUp()
    for (let i = 0; i < 1000; i++) activity.touch('a')
    clock.now = 300
    activity.touch('b')
    clock.now = 400
    await activity.flush()
    await activity.flush()
    expect(batches).toEqual([{ a: 400, b: 100 }, {}])
  })

  it('goes on while a project is held, however often', async () => {
    const { activity, batches, clock } = setUp()
    const releases = [activity.hold('a'), activity.hold('a')]
    await activity.flush()
    clock.now = 5_000
    releases[0]?.()
    releases[0]?.()
    await activity.flush()
    expect(activity.ageMs('a')).toBe(0)
    releases[1]?.()
    clock.now = 7_000
    expect(activity.ageMs('a')).toBe(2_000)
    await activity.flush()
    expect(batches).toEqual([{ a: 0 }, { a: 0 }, { a: 2_000 }])
    expect(activity.ageMs('a')).toBeUndefined()
  })

  it('is kept when it cannot be written', async () => {
    const { activity, batches, clock, fail } = setUp()
    activity.touch('a')
    fail(new Error('the database is away'))
    await expect(activity.flush()).rejects.toThrow(/away/)
    fail(undefined)
    clock.now = 100
    await activity.stop()
    expect(batches).toEqual([{ a: 100 }])
  })
})
