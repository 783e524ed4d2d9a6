import { describe, expect, it } from 'vitest'
import { createAutomaticSnapshots } from '../../../src/projects/snapshots/automatic.ts'
import { createListingDigest } from '../../../src/projects/snapshots/digest.ts'
import { planRetention } from '../../../src/projects/snapshots/retention.ts'
import { createSnapshotSweep } from '../../../src/projects/snapshots/sweep.ts'
import type { DueProject, SnapshotRepo } from '../../../src/projects/snapshots/repo.ts'
import type { FileEntry } from '../../../src/sandbox/agent-protocol.ts'

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
  const manual = (id: string) => ({ id, kind: 'manual' as const })
  const automatic = (id: string) => ({ id, kind: 'automatic' as const })

  it.each([
    ['nothing', [], 2, []],
    ['fewer than are kept', [automatic('3'), manual('2')], 2, []],
    ['more than are kept', [automatic('5'), manual('4'), automatic('3'), automatic('2'), automatic('1')], 2, ['2', '1']],
    ['none but manual ones', [manual('3'), manual('2'), manual('1')], 1, []]
  ])('of %s', (_what, snapshots, keep, gone) => {
    expect(planRetention(snapshots, keep)).toEqual(gone)
  })
})

describe('automatic snapshots', () => {
  const due = (projectId: string, quietMs = 60_000): DueProject => ({ projectId, quietMs, dueAt: new Date(0) })

  it('wait until nothing has changed for some seconds, and then are one for all that has', async () => {
    let now = 0
    let changedAt: number | undefined
    const takenAt: number[] = []
    const automatic = createAutomaticSnapshots({
      now: () => now,
      log: { warn: () => undefined },
      listDue: async () => changedAt === undefined ? [] : [due('p', now - changedAt)],
      take: async () => {
        takenAt.push(now)
        changedAt = undefined
      }
    })
    for (now = 0; now <= 30_000; now += 1_000) {
      if (now >= 2_000 && now <= 12_000) changedAt = now
      await automatic.tick()
    }
    expect(takenAt).toEqual([17_000])
  })

  it('of one project that fails wait, and those of others go on', async () => {
    let now = 0
    const taken: string[] = []
    const warnings: string[] = []
    const automatic = createAutomaticSnapshots({
      now: () => now,
      log: { warn: (_fields, message) => warnings.push(message) },
      listDue: async () => [due('bad'), due('good')],
      take: async ({ projectId }) => {
        taken.push(projectId)
        if (projectId === 'bad') throw new Error('the storage is away')
      }
    })
    await automatic.tick()
    now = 30_000
    await automatic.tick()
    expect(taken).toEqual(['bad', 'good', 'good'])
    now = 90_000
    await automatic.tick()
    expect(taken.slice(3)).toEqual(['bad', 'good'])
    expect(warnings.length).toBe(2)
  })

  it('go on after the database was away', async () => {
    let isAway = true
    const taken: string[] = []
    const automatic = createAutomaticSnapshots({
      log: { warn: () => undefined },
      listDue: async () => {
        if (isAway) throw new Error('away')
        return [due('project')]
      },
      take: async ({ projectId }) => { taken.push(projectId) }
    })
    await automatic.tick()
    isAway = false
    await automatic.tick()
    expect(taken).toEqual(['project'])
  })
})

describe('the sweep', () => {
  function createFakes (garbage: Array<{ id: string, objectKey: string, isShared: boolean }>) {
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
    const { repo, forgotten } = createFakes([{ id: '1', objectKey: 'own', isShared: false }, { id: '2', objectKey: 'shared', isShared: true }])
    const events: string[] = []
    const { sweep } = createSnapshotSweep({ repo, log, removeObject: async (key) => { events.push(`${key} after ${forgotten.length}`) } })
    await sweep()
    expect(events).toEqual(['own after 0'])
    expect(forgotten).toEqual(['1', '2'])
  })

  it('keeps the row of an object that could not be removed', async () => {
    const { repo, forgotten } = createFakes([{ id: '1', objectKey: 'own', isShared: false }])
    const { sweep } = createSnapshotSweep({ repo, log, removeObject: async () => { throw new Error('the storage is away') } })
    await expect(sweep()).rejects.toThrow('the storage is away')
    expect(forgotten).toEqual([])
  })
})
