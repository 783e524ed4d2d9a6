import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Principal } from '../../../src/auth/principal.ts'
import { createRevocations } from '../../../src/auth/revocations.ts'

const DAY_MS = 86_400_000
const key: Principal = { userId: 'user', role: 'user', via: 'key', keyId: 'one', expiresAt: null }
const expiring = (ms: number): Principal => ({ ...key, expiresAt: new Date(Date.now() + ms) })

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('revocations', () => {
  it('call back everybody who watches the credential, once', () => {
    const { watch, apply, watched } = createRevocations()
    const told: number[] = []
    watch(key, () => told.push(1))
    watch(key, () => told.push(2))
    watch({ ...key, keyId: 'two' }, () => told.push(3))
    apply('key:one')
    apply('key:one')
    expect(told).toEqual([1, 2])
    expect(watched()).toEqual(['key:two'])
  })

  it('do not call back who has stopped watching, also when another\'s callback stops it', () => {
    const { watch, apply, watched } = createRevocations()
    const told: number[] = []
    const stops = [1, 2].map((n) => watch(key, () => {
      told.push(n)
      for (const stop of stops) stop()
    }))
    apply('key:one')
    expect(told).toEqual([1])
    expect(watched()).toEqual([])
  })

  it('come by themselves when the credential expires, also in 60 days, which no timer can wait for', () => {
    const { watch } = createRevocations()
    let told = 0
    watch(expiring(60 * DAY_MS), () => { told++ })
    vi.advanceTimersByTime(60 * DAY_MS - 1)
    expect(told).toBe(0)
    vi.advanceTimersByTime(1)
    expect(told).toBe(1)
  })

  it('of one that has expired already come with the next turn', () => {
    const { watch } = createRevocations()
    let told = 0
    watch(expiring(-1), () => { told++ })
    expect(told).toBe(0)
    vi.advanceTimersByTime(0)
    expect(told).toBe(1)
  })

  it('leave no timer behind when they are closed', () => {
    const { watch, close } = createRevocations()
    watch(expiring(DAY_MS), () => undefined)
    close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
