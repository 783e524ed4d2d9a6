import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSpools, type Spools } from '../../../src/projects/transfer/spools.ts'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'

const BUDGET = 1_000
const never = new AbortController().signal

let directory: string
let asked: number[]
beforeEach(async () => {
  directory = await makeDataDir()
  asked = []
})
afterEach(async () => await removeDataDir(directory))

const create = (options: Partial<Parameters<typeof createSpools>[0]> = {}): Spools =>
  createSpools({ directory, budgetBytes: BUDGET, ensureDiskRoom: async (_directory, bytes) => { asked.push(bytes) }, ...options })

async function * chunks (...sizes: number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield Buffer.alloc(size, 'x')
}

/** Uploads that have their turn and stay. */
function occupy (spools: Spools, owner: string, bytes: number, count: number) {
  const leave = createDeferred<undefined>()
  const begun = Array.from({ length: count }, () => createDeferred<undefined>())
  const ended = begun.map(async ({ resolve }) => await spools.use(owner, bytes, async () => {
    resolve(undefined)
    await leave.promise
  }, never))
  return { begun: Promise.all(begun.map(async ({ promise }) => await promise)), leave: async () => { leave.resolve(undefined); await Promise.all(ended) } }
}

async function recordAll (spools: Spools, announced: number | undefined, ...sizes: number[]): Promise<number> {
  return await spools.use('owner', announced, async (spool) => {
    let bytes = 0
    for await (const chunk of spool.record(chunks(...sizes))) bytes += chunk.length
    return bytes
  }, never)
}

describe('spools', () => {
  it('give back what was recorded from its beginning, in a file that has no name', async () => {
    const text = await create().use('owner', 6, async (spool) => {
      for await (const chunk of spool.record(chunks(2, 4))) void chunk
      expect(readdirSync(directory)).toEqual([])
      const read = []
      for await (const chunk of spool.read()) read.push(chunk)
      return Buffer.concat(read).toString()
    }, never)
    expect(text).toBe('xxxxxx')
  })

  it('reserve what a body announces, and what it turns out to have', async () => {
    const spools = create()
    const other = occupy(spools, 'other', 600, 1)
    await other.begun
    await expect(recordAll(spools, 401)).rejects.toMatchObject({ code: 'SPOOL_FULL' })
    await expect(recordAll(spools, undefined, 300, 101)).rejects.toMatchObject({ code: 'SPOOL_FULL' })
    await expect(recordAll(spools, 10, 300, 101)).rejects.toMatchObject({ code: 'SPOOL_FULL' })
    expect(await recordAll(spools, 400, 400)).toBe(400)
    expect(await recordAll(spools, undefined, 300, 100)).toBe(400)
    await other.leave()
    expect(await recordAll(spools, BUDGET, BUDGET)).toBe(BUDGET)
  })

  it('refuse for good what they could never hold', async () => {
    const spools = create()
    await expect(recordAll(spools, BUDGET + 1)).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
    expect(asked).toEqual([])
  })

  it('ask the disk before they read, and free what they reserved when it has no room', async () => {
    const full = new Error('no room')
    const spools = create({ ensureDiskRoom: async (_directory, bytes) => { if (bytes > 500) throw full } })
    for (let round = 0; round < 3; round++) await expect(recordAll(spools, 600, 600)).rejects.toBe(full)
    expect(await recordAll(spools, 500, 500)).toBe(500)
  })

  it('free what they reserved when the work fails', async () => {
    const spools = create()
    for (let round = 0; round < 3; round++) {
      await expect(spools.use('owner', 900, async () => { throw new Error('bad archive') }, never)).rejects.toThrow('bad archive')
    }
    expect(await recordAll(spools, BUDGET, BUDGET)).toBe(BUDGET)
  })

  it('let one owner fill half of the turns, so that another has one', async () => {
    const spools = create()
    const greedy = occupy(spools, 'greedy', 1, 2)
    await greedy.begun
    let isThirdBegun = false
    const third = spools.use('greedy', 1, async () => { isThirdBegun = true }, never)
    expect(await recordAll(spools, 1, 1)).toBe(1)
    expect(isThirdBegun).toBe(false)
    await greedy.leave()
    await third
  })

  it('tell whoever has waited long, or finds the queue full, to come back', async () => {
    const spools = create({ longestWaitMs: 20 })
    const busy = [occupy(spools, 'a', 1, 2), occupy(spools, 'b', 1, 2)]
    await Promise.all(busy.map(async ({ begun }) => await begun))
    await expect(recordAll(spools, 1, 1)).rejects.toMatchObject({ code: 'UPLOADS_BUSY' })
    const waiting = Array.from({ length: 40 }, async (_, i) => await spools.use(`owner ${i}`, 1, async () => undefined, never))
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.every((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code === 'UPLOADS_BUSY')).toBe(true)
    await Promise.all(busy.map(async ({ leave }) => await leave()))
    expect(await recordAll(spools, 1, 1)).toBe(1)
  })

  it('wait no longer for whoever has gone', async () => {
    const spools = create()
    const busy = [occupy(spools, 'a', 1, 2), occupy(spools, 'b', 1, 2)]
    await Promise.all(busy.map(async ({ begun }) => await begun))
    const gone = new AbortController()
    const waiting = spools.use('owner', 1, async () => undefined, gone.signal)
    gone.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    await Promise.all(busy.map(async ({ leave }) => await leave()))
  })

  it('remove what a killed process has left', async () => {
    writeFileSync(path.join(directory, 'left'), 'x')
    await create().sweep()
    expect(readdirSync(directory)).toEqual([])
  })
})
