import { beforeEach, describe, expect, it } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { createDirtyFlags, MARK_EVERY_MS, type WhileDirty } from '../../../src/projects/lifecycle/volumes/dirty-flags.ts'

let now: number
let events: string[]
let failures: unknown[]
let record: (projectId: string) => Promise<void>
let whileDirty: WhileDirty

const change = async (projectId = 'p'): Promise<void> => await whileDirty(projectId, async () => void events.push(`change ${projectId}`))

beforeEach(() => {
  now = 0
  events = []
  failures = []
  record = async (projectId) => void events.push(`mark ${projectId}`)
  whileDirty = createDirtyFlags({ record: async (projectId) => await record(projectId), onError: (error) => failures.push(error), now: () => now })
})

describe('the mark of changed files', () => {
  it('is there before the change, whose failure and result are the caller\'s', async () => {
    await expect(whileDirty('p', async () => {
      events.push('change p')
      throw new Error('no space')
    })).rejects.toThrow('no space')
    expect(await whileDirty('q', async () => 'written')).toBe('written')
    expect(events).toEqual(['mark p', 'change p', 'mark q'])
  })

  it('is one for a burst of changes, again now and then while it lasts, and each project\'s own', async () => {
    for (now = 0; now <= MARK_EVERY_MS; now += MARK_EVERY_MS / 4) await change()
    await change('q')
    expect(events.filter((event) => event.startsWith('mark'))).toEqual(['mark p', 'mark p', 'mark q'])
  })

  it('is waited for by all who rely on it', async () => {
    const recorded = createDeferred<void>()
    record = async () => await recorded.promise
    const changes = [change(), change()]
    await new Promise(setImmediate)
    expect(events).toEqual([])
    recorded.resolve()
    await Promise.all(changes)
    expect(events).toEqual(['change p', 'change p'])
  })

  it('is made again after a change that took longer than others rely on it', async () => {
    await whileDirty('p', async () => { now = MARK_EVERY_MS })
    expect(events).toEqual(['mark p', 'mark p'])
  })

  it('keeps the change from being made when it cannot be, and is tried again with the next', async () => {
    const recordable = record
    record = async () => { throw new Error('the database is away') }
    await expect(change()).rejects.toThrow('the database is away')
    record = recordable
    await change()
    expect(events).toEqual(['mark p', 'change p'])
  })

  it('does not make a change a failure that has been made', async () => {
    const made = whileDirty('p', async () => {
      now = MARK_EVERY_MS
      record = async () => { throw new Error('the database is away') }
      return 'written'
    })
    expect(await made).toBe('written')
    expect(failures).toEqual([expect.objectContaining({ message: 'the database is away' })])
  })
})
