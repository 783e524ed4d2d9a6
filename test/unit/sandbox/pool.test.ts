import { afterEach, describe, expect, it } from 'vitest'
import { FrameType, encodeFrame } from '../../../src/sandbox/agent-protocol.ts'
import { createPool, PoolClosedError, type Pool } from '../../../src/sandbox/pool/pool.ts'
import type { PoolPolicy } from '../../../src/sandbox/pool/plan.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'

const policy: PoolPolicy = {
  warmPerLanguage: 1,
  maxWarmPerLanguage: 1,
  maxIdle: 100,
  maxIdleOwned: 4,
  maxOwnedIdleMs: 3_600_000,
  maxRuns: 100,
  maxAgeMs: 3_600_000,
  maxRefills: 2
}
const quiet = { info: () => undefined, warn: () => undefined }
const never = new AbortController().signal

/** Sandboxes whose agents answer a reset as they are told; everything but the Engine is real. */
function createHost () {
  const started: string[] = []
  const removed: string[] = []
  const agents = new Map<string, ReturnType<typeof createScriptedAgent>>()
  let failing: Error | undefined

  async function start (): Promise<Sandbox> {
    if (failing !== undefined) throw failing
    const id = `sandbox-${started.length + 1}`
    started.push(id)
    const scripted = createScriptedAgent()
    agents.set(id, scripted)
    return {
      id,
      agent: await scripted.connect(),
      setLimits: async () => undefined,
      wasOomKilled: async () => false,
      remove: async () => { removed.push(id) }
    }
  }

  return {
    start,
    started,
    removed,
    failWith: (error: Error | undefined) => { failing = error },
    lose: (id: string) => agents.get(id)?.end(),
    /** Answers the reset that is open on the sandbox. */
    answerReset: async (id: string, type: typeof FrameType.RESULT | typeof FrameType.ERROR = FrameType.RESULT) => {
      const scripted = agents.get(id)
      const channel = scripted?.received().findLast((frame) => frame.type === FrameType.OPEN)?.channel ?? 0
      const payload = type === FrameType.RESULT ? Buffer.of(1, 0, 0, 0, 4, 0, 0, 0, 0) : Buffer.of(0, 10)
      await scripted?.send(encodeFrame({ type, channel, payload }))
    }
  }
}

const settle = async (): Promise<void> => { for (let i = 0; i < 5; i++) await new Promise(setImmediate) }

let pool: Pool
afterEach(async () => await pool.close())

function createFixture (overrides: Partial<PoolPolicy> = {}, reuse: 'owner' | 'never' = 'owner') {
  const host = createHost()
  pool = createPool({ policy: { ...policy, ...overrides }, reuse, log: quiet })
  pool.addLanguage('python', host.start)
  return host
}

const fresh = (): number | undefined => pool.census().find(({ state }) => state === 'fresh')?.count

describe('pool', () => {
  it('has a sandbox waiting before anybody asks, and another after it was taken', async () => {
    const host = createFixture()
    await settle()
    expect(fresh()).toBe(1)
    const claim = await pool.claim('python', 'ann', never)
    expect(claim.sandbox.id).toBe('sandbox-1')
    await waitFor('another', () => fresh() === 1)
    expect(host.started.length).toBe(2)
  })

  it('gives an owner their own sandbox again after its reset, and no other owner', async () => {
    const host = createFixture()
    const first = await pool.claim('python', 'ann', never)
    first.release('reusable')
    await settle()
    await host.answerReset(first.sandbox.id)
    expect((await pool.claim('python', 'bob', never)).sandbox.id).not.toBe(first.sandbox.id)
    expect((await pool.claim('python', 'ann', never)).sandbox.id).toBe(first.sandbox.id)
  })

  it('lets an owner wait for a reset under way rather than take a fresh one', async () => {
    const host = createFixture()
    const first = await pool.claim('python', 'ann', never)
    await settle()
    first.release('reusable')
    const second = pool.claim('python', 'ann', never)
    await settle()
    expect(fresh()).toBe(1)
    await host.answerReset(first.sandbox.id)
    expect((await second).sandbox.id).toBe(first.sandbox.id)
  })

  it.each(['fails', 'takes too long'])('gives who waits for a reset that %s the fresh one that is idle', async (how) => {
    const host = createFixture()
    const first = await pool.claim('python', 'ann', never)
    await waitFor('a fresh one', () => fresh() === 1)
    first.release('reusable')
    const second = pool.claim('python', 'ann', never)
    await settle()
    expect(fresh()).toBe(1)
    if (how === 'fails') await host.answerReset(first.sandbox.id, FrameType.ERROR)
    expect((await second).sandbox.id).toBe('sandbox-2')
  })

  it('throws a sandbox away whose reset failed, and whoever waited for it gets another', async () => {
    const host = createFixture()
    const first = await pool.claim('python', 'ann', never)
    first.release('reusable')
    const second = pool.claim('python', 'ann', never)
    await settle()
    await host.answerReset(first.sandbox.id, FrameType.ERROR)
    expect((await second).sandbox.id).not.toBe(first.sandbox.id)
    expect(host.removed).toEqual([first.sandbox.id])
  })

  it('throws away what was discarded, what was lost while idle, and everything when nothing may be used twice', async () => {
    const host = createFixture({}, 'never')
    const first = await pool.claim('python', 'ann', never)
    first.release('discard')
    first.release('reusable')
    const second = await pool.claim('python', 'ann', never)
    second.release('reusable')
    await settle()
    expect(host.removed).toEqual([first.sandbox.id, second.sandbox.id])
    const idle = host.started.at(-1) ?? ''
    host.lose(idle)
    await settle()
    expect(host.removed).toContain(idle)
    expect(pool.has(idle)).toBe(false)
  })

  it('passes a failed start on to who waits, and the next claim tries again', async () => {
    const host = createFixture({ warmPerLanguage: 0 })
    host.failWith(new Error('no engine'))
    await expect(pool.claim('python', 'ann', never)).rejects.toThrow('no engine')
    host.failWith(undefined)
    expect((await pool.claim('python', 'ann', never)).sandbox.id).toBe('sandbox-1')
  })

  it('forgets who went away while waiting', async () => {
    const host = createFixture({ warmPerLanguage: 0 })
    const controller = new AbortController()
    const waiting = pool.claim('python', 'ann', controller.signal)
    controller.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    await settle()
    expect(host.started).toEqual([])
  })

  it('leaves nothing behind when it is closed, and refuses from then on', async () => {
    const host = createFixture()
    await pool.claim('python', 'ann', never)
    const waiting = Promise.all(Array.from({ length: 5 }, async (_, i) => await pool.claim('python', `owner ${i}`, never).catch((error: unknown) => error)))
    await pool.close()
    await waiting
    expect([...host.removed].sort()).toEqual([...host.started].sort())
    await expect(pool.claim('python', 'ann', never)).rejects.toBeInstanceOf(PoolClosedError)
  })
})
