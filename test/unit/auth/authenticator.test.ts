import { beforeEach, describe, expect, it } from 'vitest'
import { hashApiKey } from '../../../src/auth/api-key.ts'
import { createAuthenticator } from '../../../src/auth/authenticator.ts'
import type { Principal } from '../../../src/auth/principal.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'

const KEY = 'brt_of_this_test'
let principal: Principal | undefined
let reads: number
let isCurrent: boolean
let now: number
let beforeAnswer: () => Promise<void>

beforeEach(() => {
  principal = { userId: 'user', role: 'user', via: 'key', keyId: 'one', expiresAt: null }
  reads = 0
  isCurrent = true
  now = 1_000
  beforeAnswer = async () => undefined
})

function create () {
  return createAuthenticator({
    isCurrent: () => isCurrent,
    now: () => now,
    store: {
      async findKey (hash) {
        reads++
        const found = hash.equals(hashApiKey(KEY)) ? principal : undefined
        await beforeAnswer()
        return found
      },
      findSession: async () => undefined,
      findSshKey: async () => undefined
    }
  })
}

describe('the authenticator', () => {
  it('asks once for a key that it knows, and each time for one that it does not', async () => {
    const { byKey } = create()
    expect([await byKey(KEY), await byKey(KEY), reads]).toEqual([principal, principal, 1])
    expect([await byKey('brt_guess'), await byKey('brt_guess'), reads]).toEqual([undefined, undefined, 3])
  })

  it('forgets a credential that died, and only that one', async () => {
    const { byKey, forget } = create()
    await byKey(KEY)
    forget('key:another')
    await byKey(KEY)
    expect(reads).toBe(1)
    principal = undefined
    forget('key:one')
    expect(await byKey(KEY)).toBe(undefined)
  })

  it('does not remember what it read before a death that it heard of meanwhile', async () => {
    const { byKey, forget } = create()
    const reading = createDeferred<void>()
    beforeAnswer = async () => await reading.promise
    const first = byKey(KEY)
    principal = undefined
    forget('key:one')
    reading.resolve()
    await first
    expect(await byKey(KEY)).toBe(undefined)
  })

  it('remembers nothing while it would not hear of a death', async () => {
    const { byKey } = create()
    isCurrent = false
    await byKey(KEY)
    await byKey(KEY)
    expect(reads).toBe(2)
    isCurrent = true
    await byKey(KEY)
    isCurrent = false
    await byKey(KEY)
    expect(reads).toBe(4)
  })

  it('knows the hour: what it remembers expires', async () => {
    principal = { userId: 'user', role: 'user', via: 'key', keyId: 'one', expiresAt: new Date(2_000) }
    const { byKey } = create()
    now = 1_999
    expect(await byKey(KEY)).toEqual(principal)
    now = 2_000
    expect(await byKey(KEY)).toBe(undefined)
  })
})
