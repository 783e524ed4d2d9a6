import { describe, expect, it } from 'vitest'
import { createAutomaticSnapshots } from '../../../src/projects/transfer/snapshots/automatic.ts'
import { createListingDigest } from '../../../src/projects/transfer/snapshots/digest.ts'
import { createStallWatch, untilAborted } from '../../../src/projects/transfer/snapshots/deadline.ts'
import { planRetention } from '../../../src/projects/transfer/snapshots/retention.ts'
import { createSnapshotRoom } from '../../../src/projects/transfer/snapshots/room.ts'
import { createSnapshotSweep } from '../../../src/projects/transfer/snapshots/sweep.ts'
import type { DueProject, SnapshotRepo } from '../../../src/projects/transfer/snapshots/repo.ts'
import type { FileEntry } from '../../../src/sandbox/agent-protocol.ts'
import { waitFor } from '../../support/wait-for.ts'

const file = (path: string, more: Partial<FileEntry> = {}): FileEntry => ({ path: Buffer.from(path), type: 'file', mode: 0o644, size: 1, mtimeNs: 1n, inode: 1n, ...more })

function digestOf (...entries: FileEntry[]): string {
  const digest = createListingDigest()
  for (const entry of entries) digest.add(entry)
  return digest.value().toString('hex')
}

describe('the digest of a listing', () => {
  const link = (target: string, more: Partial<FileEntry> = {}) => file('l', { type: 'symlink', target: Buffer.from(target), ...more })
  const directory = (mode: number, more: Partial<FileEntry> = {}) => file('d', { type: 'directory', mode, ...more })

  it.each<[string, FileEntry[], FileEntry[]]>([
    ['another path', [file('a')], [file('b')]],
    ['another size', [file('a')], [file('a', { size: 2 })]],
    ['another time', [file('a')], [file('a', { mtimeNs: 2n })]],
    ['another mode', [file('a')], [file('a', { mode: 0o755 })]],
    ['another type', [file('a')], [file('a', { type: 'directory' })]],
    ['another target', [link('x')], [link('y')]],
    ['others to read a directory', [directory(0o755)], [directory(0o700)]],
    ['one more file', [file('a')], [file('a'), file('b')]],
    ['names that run into each other', [file('ab'), file('c')], [file('a'), file('bc')]]
  ])('sees %s', (_what, before, after) => {
    expect(digestOf(...after)).not.toBe(digestOf(...before))
  })

  it.each<[string, FileEntry[], FileEntry[]]>([
    ['inodes', [file('a')], [file('a', { inode: 2n })]],
    ['the times of directories and links', [directory(0o755), link('x')], [directory(0o755, { mtimeNs: 9n }), link('x', { mtimeNs: 9n })]],
    ['special files', [file('a')], [file('a'), file('pipe', { type: 'other' })]]
  ])('does not look at %s, which no snapshot keeps', (_what, before, after) => {
    expect(digestOf(...after)).toBe(digestOf(...before))
  })
})

describe('retention', () => {
  const at = (time: string, kind: 'manual' | 'automatic' = 'automatic') => ({ id: time, kind, createdAt: new Date(`2026-03-${time}:00Z`) })
  const every = (from: string, minutes: number, count: number) => Array.from({ length: count }, (_, i) =>
    at(new Date(Date.parse(`2026-03-${from}:00Z`) + i * minutes * 60_000).toISOString().slice(8, 16)))
  const newestFirst = (...snapshots: Array<ReturnType<typeof at>>) => snapshots.sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())

  /** What is kept, the oldest first. */
  function keptOf (snapshots: Array<ReturnType<typeof at>>): string[] {
    const gone = new Set(planRetention(snapshots))
    return snapshots.map(({ id }) => id).filter((id) => !gone.has(id)).reverse()
  }

  it.each([
    ['nothing', [], []],
    ['three of one hour', every('10T10:00', 5, 3), ['10T10:00', '10T10:05', '10T10:10']],
    ['five of a broken state, the first good one', every('10T10:00', 5, 6), ['10T10:00', '10T10:15', '10T10:20', '10T10:25']],
    ['a good one of yesterday and twenty of today', [at('09T17:55'), at('09T18:30'), ...every('10T10:00', 1, 20)], ['09T17:55', '09T18:30', '10T10:00', '10T10:17', '10T10:18', '10T10:19']],
    ['a day of one each five minutes: an hour each of six, and three', every('10T00:00', 5, 288), ['10T18:00', '10T19:00', '10T20:00', '10T21:00', '10T22:00', '10T23:00', '10T23:45', '10T23:50', '10T23:55']],
    ['ten days: the last of each of seven, and the steps of today', every('01T00:00', 120, 120), ['04T22:00', '05T22:00', '06T22:00', '07T22:00', '08T22:00', '09T22:00', '10T12:00', '10T14:00', '10T16:00', '10T18:00', '10T20:00', '10T22:00']],
    ['long ago: what there was stays, however old', [at('01T10:00'), at('02T10:00')], ['01T10:00', '02T10:00']],
    ['none but manual ones', [at('01T10:00', 'manual'), at('01T10:01', 'manual')], ['01T10:00', '01T10:01']],
    ['manual ones among others, which take no step away', [at('10T10:04', 'manual'), ...every('10T10:00', 5, 5)], ['10T10:00', '10T10:04', '10T10:10', '10T10:15', '10T10:20']]
  ])('of %s', (_what, snapshots, kept) => {
    expect(keptOf(newestFirst(...snapshots))).toEqual(kept)
  })

  it('applied each time keeps what it would have kept at once', () => {
    let kept: Array<ReturnType<typeof at>> = []
    for (const snapshot of every('01T00:00', 5, 2_000)) {
      const all = [snapshot, ...kept]
      const gone = new Set(planRetention(all))
      kept = all.filter(({ id }) => !gone.has(id))
    }
    expect(kept.map(({ id }) => id)).toEqual(keptOf(newestFirst(...every('01T00:00', 5, 2_000))).reverse())
    expect(kept.length).toBeLessThanOrEqual(16)
  })
})

describe('automatic snapshots', () => {
  const log = { warn: () => undefined }
  const due = (projectId: string, owner = projectId): DueProject => ({ projectId, owner, dueAt: new Date(0), checkedAt: null, isRunning: true })

  it('of one that hangs and of one owner with hundreds do not delay the others', async () => {
    const taken: string[] = []
    const projects = [due('hangs'), ...Array.from({ length: 200 }, (_, i) => due(`greedy ${i}`, 'greedy')), due('a'), due('b'), due('c')]
    const automatic = createAutomaticSnapshots({
      log,
      listDue: async () => projects,
      take: async ({ projectId }, signal) => {
        if (projectId === 'hangs') await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
        taken.push(projectId)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    await automatic.tick()
    await waitFor('those of the others', () => ['a', 'b', 'c'].every((id) => taken.includes(id)))
    const last = Math.max(...['a', 'b', 'c'].map((id) => taken.indexOf(id)))
    expect(taken.slice(0, last).filter((id) => id.startsWith('greedy')).length).toBeLessThanOrEqual(1)
    await automatic.stop()
  })

  it('are never two of one project, nor many at once', async () => {
    const running = new Set<string>()
    let most = 0
    const automatic = createAutomaticSnapshots({
      log,
      listDue: async () => [due('a'), due('b'), due('c'), due('d')],
      take: async ({ projectId }) => {
        expect(running.has(projectId)).toBe(false)
        running.add(projectId)
        most = Math.max(most, running.size)
        await new Promise((resolve) => setImmediate(resolve))
        running.delete(projectId)
      }
    })
    for (let round = 0; round < 5; round++) await automatic.tick()
    await automatic.stop()
    expect(most).toBe(2)
  })

  it('that fail are reported, and others go on', async () => {
    const taken: string[] = []
    const warnings: object[] = []
    const automatic = createAutomaticSnapshots({
      log: { warn: (fields) => warnings.push(fields) },
      listDue: async () => [due('bad'), due('good')],
      take: async ({ projectId }) => {
        if (projectId === 'bad') throw new Error('the storage is away')
        taken.push(projectId)
      }
    })
    await automatic.tick()
    await waitFor('the good one', () => taken.length === 1 && warnings.length === 1)
    expect(warnings).toMatchObject([{ projectId: 'bad' }])
    await automatic.stop()
  })

  it('go on after the database was away', async () => {
    let isAway = true
    const taken: string[] = []
    const automatic = createAutomaticSnapshots({
      log,
      listDue: async () => {
        if (isAway) throw new Error('away')
        return [due('project')]
      },
      take: async ({ projectId }) => { taken.push(projectId) }
    })
    await automatic.tick()
    isAway = false
    await automatic.tick()
    await waitFor('the snapshot', () => taken.length === 1)
    await automatic.stop()
  })
})

describe('the watch over a snapshot', () => {
  it('ends what has gone quiet, and not what goes on', async () => {
    const quiet = createStallWatch({ silenceMs: 30, longestMs: 60_000 })
    await expect(untilAborted(quiet.signal, new Promise(() => undefined))).rejects.toMatchObject({ code: 'SNAPSHOT_STALLED' })
    const busy = createStallWatch({ silenceMs: 300, longestMs: 60_000 })
    for (let i = 0; i < 20; i++) {
      busy.onProgress()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(busy.signal.aborted).toBe(false)
    for (const watch of [quiet, busy]) watch.end()
  })

  it('ends what goes on for too long', async () => {
    const endless = createStallWatch({ silenceMs: 60_000, longestMs: 30 })
    await expect(untilAborted(endless.signal, new Promise(() => undefined))).rejects.toMatchObject({ code: 'SNAPSHOT_STALLED' })
    endless.end()
  })
})

describe('room for snapshots', () => {
  const sizes = { ownerBytes: 100, allBytes: 1_000 }

  function createRoom (given: { ofOwner: number, ofAll: number, ownersMost?: number }, evictable: Array<{ id: string, bytes: number }>) {
    let usage = { ownersMost: null, ...given }
    const discarded: string[] = []
    const repo = {
      usageFor: async () => usage,
      listEvictable: async () => evictable.filter(({ id }) => !discarded.includes(id)).slice(0, 1).map(({ id }) => ({ id, projectId: 'p' })),
      discard: async (_projectId: string, id: string) => {
        const bytes = evictable.find((snapshot) => snapshot.id === id)?.bytes ?? 0
        usage = { ...usage, ofOwner: usage.ofOwner - bytes, ofAll: usage.ofAll - bytes }
        discarded.push(id)
        return true
      }
    }
    return { room: createSnapshotRoom({ repo, sizes, onDiscarded: () => undefined }), discarded }
  }

  it('is what the nearer of both limits leaves', async () => {
    expect(await createRoom({ ofOwner: 40, ofAll: 500 }, []).room.make('o', 10)).toBe(60)
    expect(await createRoom({ ofOwner: 40, ofAll: 980 }, []).room.make('o', 10)).toBe(20)
    expect(await createRoom({ ofOwner: 40, ofAll: 500, ownersMost: 300 }, []).room.make('o', 10)).toBe(260)
    await expect(createRoom({ ofOwner: 40, ofAll: 500, ownersMost: 0 }, []).room.make('o', 10)).rejects.toMatchObject({ code: 'SNAPSHOTS_FULL' })
  })

  it('is made by the owner\'s automatic ones, the oldest first and no more than it takes', async () => {
    const { room, discarded } = createRoom({ ofOwner: 95, ofAll: 500 }, [{ id: '1', bytes: 10 }, { id: '2', bytes: 10 }, { id: '3', bytes: 10 }])
    expect(await room.make('o', 20)).toBe(25)
    expect(discarded).toEqual(['1', '2'])
  })

  it.each([
    ['the owner', { ofOwner: 100, ofAll: 500 }, 'SNAPSHOTS_FULL', 429],
    ['everybody', { ofOwner: 10, ofAll: 1_000 }, 'SNAPSHOT_STORE_FULL', 507]
  ])('of %s that cannot be made is refused with the reason', async (_whose, usage, code, statusCode) => {
    await expect(createRoom(usage, []).room.make('o', 1)).rejects.toMatchObject({ code, statusCode })
  })
})

describe('the sweep', () => {
  function createFakes (garbage: Array<{ id: string, unneeded: string[] }>) {
    const forgotten: string[] = []
    const repo: Pick<SnapshotRepo, 'discardAbandoned' | 'listGarbage' | 'forget'> = {
      discardAbandoned: async () => undefined,
      listGarbage: async () => garbage.filter(({ id }) => !forgotten.includes(id)),
      forget: async (id) => { forgotten.push(id) }
    }
    return { repo, forgotten }
  }
  const log = { warn: () => undefined }

  it('removes objects before their rows, and none that another snapshot shares', async () => {
    const { repo, forgotten } = createFakes([{ id: '1', unneeded: ['own', 'base'] }, { id: '2', unneeded: [] }])
    const events: string[] = []
    const { sweep } = createSnapshotSweep({ repo, log, removeObject: async (key) => { events.push(`${key} after ${forgotten.length}`) } })
    await sweep()
    expect(events).toEqual(['own after 0', 'base after 0'])
    expect(forgotten).toEqual(['1', '2'])
  })

  it('keeps the row of an object that could not be removed', async () => {
    const { repo, forgotten } = createFakes([{ id: '1', unneeded: ['own'] }])
    const { sweep } = createSnapshotSweep({ repo, log, removeObject: async () => { throw new Error('the storage is away') } })
    await expect(sweep()).rejects.toThrow('the storage is away')
    expect(forgotten).toEqual([])
  })
})
