import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { errors } from '../../../src/errors.ts'
import { createDeferred, type Deferred } from '../../../src/lib/deferred.ts'
import { metered } from '../../../src/projects/files/metered.ts'
import { createQuota, type Quota } from '../../../src/projects/workspace/quota.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import type { FileUsage } from '../../../src/sandbox/agent-protocol.ts'

const agent = {} as AgentConnection
let used: number
let entries: number
let isDiskFull: boolean
let looks: number
let clock: number
let quota: Quota
/** What a measurement waits for at its end. */
let held: Deferred<undefined> | undefined
beforeEach(() => {
  held = undefined
  used = 400
  entries = 10
  isDiskFull = false
  looks = 0
  clock = 1_000_000
  quota = createQuota({
    limitBytes: 1_000,
    limitEntries: 100,
    now: () => clock,
    checkDisk: async () => { if (isDiskFull) throw new errors.DISK_FULL() },
    measure: async () => {
      looks++
      const usage = { bytes: used, entries }
      await held?.promise
      return usage
    }
  })
})
const full = expect.objectContaining({ code: 'PROJECT_FULL', statusCode: 413 })

describe('the quota of a project', () => {
  it('has no room for one more file than there can be, and looks before it refuses', async () => {
    entries = 100
    await expect(quota.reserve('p', agent, 0)).rejects.toEqual(full)
    entries = 99
    clock += 2_000
    ;(await quota.reserve('p', agent, 5)).end(5)
    used = 405
    entries = 100
    await expect(quota.reserve('p', agent, 5)).rejects.toEqual(full)
    expect(quota.usageOf('p')).toEqual({ bytes: 405, entries: 100 })
  })

  it('has no room while the server has none, however small the project is', async () => {
    isDiskFull = true
    await expect(quota.reserve('p', agent, 1)).rejects.toMatchObject({ code: 'DISK_FULL', statusCode: 507 })
  })

  it('takes what somebody else has measured', async () => {
    await quota.follow('p', Promise.resolve({ bytes: 950, entries: 3 }))
    await expect(quota.reserve('p', agent, 51)).rejects.toEqual(full)
    expect(looks).toBe(0)
  })

  it('is not known before anybody has looked', async () => {
    expect(quota.sizeOf('p')).toBeUndefined()
    await quota.reserve('p', agent, 0)
    expect(quota.sizeOf('p')).toBe(400)
  })

  it('has room for what is left, counting what others are writing', async () => {
    const first = await quota.reserve('p', agent, 500)
    await expect(quota.reserve('p', agent, 101)).rejects.toEqual(full)
    expect(first.room()).toBe(100)
    first.end(0)
    expect((await quota.reserve('p', agent, 101)).room()).toBe(499)
  })

  it('counts what was written, not what was reserved', async () => {
    const reservation = await quota.reserve('p', agent, 300)
    reservation.end(200)
    expect(quota.sizeOf('p')).toBe(600)
    expect(looks).toBe(1)
  })

  it('looks again before it refuses, as something may have been deleted', async () => {
    await quota.reserve('p', agent, 0)
    used = 0
    clock += 2_000
    expect((await quota.reserve('p', agent, 900)).room()).toBe(100)
  })

  it('looks again after a while, and after something has gone', async () => {
    await quota.reserve('p', agent, 0)
    used = 700
    clock += 61_000
    expect((await quota.reserve('p', agent, 0)).room()).toBe(300)
    used = 100
    quota.outdate('p')
    expect((await quota.reserve('p', agent, 0)).room()).toBe(900)
  })

  it.each(['outdate', 'doubt'] as const)('believes no measurement that began before something went (%s), its own or another\'s', async (change) => {
    await quota.reserve('p', agent, 0)
    const others = createDeferred<FileUsage>()
    const following = quota.follow('p', others.promise)
    clock += 1
    quota[change]('p')
    used = 100
    others.resolve({ bytes: 900, entries: 3 })
    await following
    ;(await quota.reserve('p', agent, 500)).end(0)

    clock += 100_000
    held = createDeferred<undefined>()
    const early = quota.remeasure('p', agent)
    clock += 1
    quota[change]('p')
    const late = quota.remeasure('p', agent)
    used = 50
    held.resolve(undefined)
    expect([await early, await late]).toEqual([100, 50])
  })

  it.each([0, 300])('does not take what was being written for what is there, once it has ended with %i bytes', async (kept) => {
    const writing = await quota.reserve('p', agent, 500)
    await quota.follow('p', Promise.resolve({ bytes: 900, entries: 11 }))
    used = 400 + kept
    writing.end(kept)
    ;(await quota.reserve('p', agent, 600 - kept)).end(0)
    await expect(quota.reserve('p', agent, 601 - kept)).rejects.toEqual(full)
  })

  it('asks the agent once for all who want to know at once, and not again for the next', async () => {
    expect(await Promise.all([quota.measure('p', agent), quota.measure('p', agent), quota.reserve('p', agent, 1)])).toHaveLength(3)
    await quota.measure('p', agent)
    expect(looks).toBe(1)
  })

  it('says nothing of room when it cannot look', async () => {
    const broken = createQuota({ limitBytes: 1_000, limitEntries: 100, checkDisk: async () => undefined, measure: async () => await Promise.reject(new Error('gone')) })
    await expect(broken.reserve('p', agent, 0)).rejects.toThrow('gone')
    expect(broken.sizeOf('p')).toBeUndefined()
  })

  it('does not grow by what takes the place of as much', async () => {
    for (let write = 0; write < 20; write++) (await quota.reserve('p', agent, 300)).end(300, 300)
    expect(quota.sizeOf('p')).toBe(400)
    ;(await quota.reserve('p', agent, 300)).end(300, 100)
    expect(quota.sizeOf('p')).toBe(600)
  })

  it('does not believe that it shrinks by the size of what was replaced, which may have had holes', async () => {
    (await quota.reserve('p', agent, 10)).end(10, 1_000_000)
    expect(quota.sizeOf('p')).toBe(400)
  })

  it('looks before it refuses, however lately it has, when something was replaced or may have been', async () => {
    for (const replace of [
      async () => (await quota.reserve('p', agent, 100)).end(100, 500),
      async () => quota.doubt('p')
    ]) {
      used = 900
      clock += 61_000
      await quota.reserve('p', agent, 0)
      used = 0
      await replace()
      const reservation = await quota.reserve('p', agent, 800)
      expect(reservation.room()).toBe(200)
      reservation.end(0)
    }
  })

  it('has no room below nothing', async () => {
    used = 5_000
    const reservation = await quota.reserve('p', agent, 0)
    expect(reservation.room()).toBe(0)
    expect(() => reservation.take(1)).toThrow(full as Error)
  })
})

describe('a stream that is written', () => {
  const drain = async (source: Readable, options: { fileLimit: number, prepaid: number, reserve?: number }) => {
    const reservation = await quota.reserve('p', agent, options.reserve ?? options.prepaid)
    const chunks: Uint8Array[] = []
    for await (const chunk of metered(source, { ...options, reservation })) chunks.push(chunk)
    return { bytes: Buffer.concat(chunks).length, room: reservation.room() }
  }
  const chunks = (...sizes: number[]) => Readable.from(sizes.map((size) => Buffer.alloc(size)))

  it('takes room as it comes', async () => {
    expect(await drain(chunks(100, 100), { fileLimit: 1_000, prepaid: 0 })).toEqual({ bytes: 200, room: 400 })
  })

  it('takes no more for what was announced, and more for what goes beyond it', async () => {
    expect(await drain(chunks(100, 100), { fileLimit: 1_000, prepaid: 200 })).toEqual({ bytes: 200, room: 400 })
    expect(await drain(chunks(100, 150), { fileLimit: 1_000, prepaid: 200 })).toEqual({ bytes: 250, room: 150 })
  })

  it('ends where the project is full, and where the file is too large, and leaves the source alone', async () => {
    const source = chunks(500, 200)
    await expect(drain(source, { fileLimit: 1_000, prepaid: 0 })).rejects.toEqual(full)
    expect(source.destroyed).toBe(false)
    await expect(drain(chunks(10, 10), { fileLimit: 15, prepaid: 0 })).rejects.toEqual(expect.objectContaining({ code: 'FILE_TOO_LARGE' }))
  })

  it('fails with its source', async () => {
    const source = new Readable({ read () { this.destroy(new Error('the client went away')) } })
    await expect(drain(source, { fileLimit: 1_000, prepaid: 0 })).rejects.toThrow('the client went away')
  })
})
