import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readMembers } from '../../../src/projects/transfer/archives/members.ts'
import { packTar } from '../../../src/projects/transfer/archives/pack-tar.ts'
import { isRemoval } from '../../../src/projects/transfer/archives/project-files.ts'
import { chooseBase } from '../../../src/projects/transfer/snapshots/base.ts'
import { comparePaths, differenceOf } from '../../../src/projects/transfer/snapshots/difference.ts'
import { createIndexWriter, readIndex } from '../../../src/projects/transfer/snapshots/index-file.ts'
import type { SnapshotRow } from '../../../src/projects/transfer/snapshots/repo.ts'
import type { FileEntry } from '../../../src/sandbox/agent-protocol.ts'

const entry = (path: string, type: FileEntry['type'], more: Partial<FileEntry> = {}): FileEntry =>
  ({ path: Buffer.from(path), type, mode: 0o644, size: 1, mtimeNs: 1n, inode: 1n, ...more })
const file = (path: string, more: Partial<FileEntry> = {}) => entry(path, 'file', more)
const directory = (path: string, more: Partial<FileEntry> = {}) => entry(path, 'directory', { mode: 0o755, ...more })
const link = (path: string, target: string) => entry(path, 'symlink', { target: Buffer.from(target) })

async function * listOf<T> (...items: T[]): AsyncGenerator<T> {
  yield * items
}

const LATER_MS = 1_000_000

/** As it is written down beside a full snapshot, and read again. */
async function indexOf (entries: readonly FileEntry[], startedAtMs = LATER_MS) {
  const writer = createIndexWriter(startedAtMs)
  entries.forEach(writer.add)
  return readIndex(Readable.from([await writer.finish()]).pipe(createGunzip()))
}

async function difference (before: FileEntry[], now: FileEntry[], startedAtMs?: number): Promise<string[]> {
  const found = []
  for await (const change of differenceOf(await indexOf(before, startedAtMs), listOf(...now))) {
    found.push(isRemoval(change) ? `-${change.removed.toString()}` : `+${change.path.toString()}`)
  }
  return found
}

describe('the difference of two listings', () => {
  it.each<[string, FileEntry[], FileEntry[], string[]]>([
    ['nothing', [directory('a'), file('a/b')], [directory('a'), file('a/b')], []],
    ['what is new', [file('b')], [file('a'), file('b'), directory('c'), file('c/d')], ['+a', '+c', '+c/d']],
    ['what has gone, a directory as one', [directory('a'), file('a/b'), directory('a/c'), file('a/c/d'), file('b')], [file('b')], ['-a']],
    ['a name that only begins like what has gone', [directory('a'), file('a/x'), file('a-b'), file('ab')], [file('ab')], ['-a', '-a-b']],
    ['another size', [file('a')], [file('a', { size: 2 })], ['-a', '+a']],
    ['another time', [file('a')], [file('a', { mtimeNs: 2n })], ['-a', '+a']],
    ['another mode', [file('a')], [file('a', { mode: 0o755 })], ['-a', '+a']],
    ['another file of that name', [file('a')], [file('a', { inode: 2n })], ['-a', '+a']],
    ['another target', [link('l', 'x')], [link('l', 'y')], ['-l', '+l']],
    ['the mode of a directory, whose content stays', [directory('a'), file('a/b')], [directory('a', { mode: 0o700 }), file('a/b')], ['+a']],
    ['a directory that is a file now', [directory('a'), file('a/b'), file('c')], [file('a'), file('c')], ['-a', '+a']],
    ['a file that is a directory now', [file('a'), file('c')], [directory('a'), file('a/b'), file('c')], ['-a', '+a', '+a/b']],
    ['not the times of directories and links', [directory('a'), link('l', 'x')], [directory('a', { mtimeNs: 9n }), { ...link('l', 'x'), mtimeNs: 9n }], []]
  ])('is %s', async (_what, before, now, expected) => {
    expect(await difference(before, now)).toEqual(expected)
  })

  it('has in it what was changed as the base was taken: it may have changed again within the same tick', async () => {
    const changed = file('a', { mtimeNs: BigInt(LATER_MS - 500) * 1_000_000n })
    expect(await difference([changed, file('b')], [changed, file('b')])).toEqual(['-a', '+a'])
  })

  it('keeps names that are no text', async () => {
    const odd = file('x', { path: Buffer.from('caf\xe9\n"', 'latin1') })
    expect(await difference([odd], [odd])).toEqual([])
  })

  it('is in the order of a listing', () => {
    const names = ['a', 'a/b', 'a/b/c', 'a b', 'a-', 'a.b', 'a.b/c', 'ab', 'b']
    expect([...names].sort((one, other) => comparePaths(Buffer.from(one), Buffer.from(other)))).toEqual(names)
  })

  it('comes through a tar', async () => {
    async function * changes () {
      yield { removed: Buffer.from('gone') }
      yield { entry: file('new', { size: 4 }), content: Buffer.from('text') }
    }
    const found = []
    for await (const { type, path, bytes } of readMembers(packTar(changes()))) found.push([type, path.toString(), (await buffer(bytes)).toString()])
    expect(found).toEqual([['removed', 'gone', ''], ['file', 'new', 'text']])
  })
})

it('an index that is cut off is damaged', async () => {
  const lines = async function * () { yield Buffer.from('["a","file",420,1,"1","1",null]\n') }
  await expect((async () => { for await (const line of readIndex(lines())) void line })()).rejects.toMatchObject({ code: 'SNAPSHOT_DAMAGED' })
})

describe('the base of the next snapshot', () => {
  const now = new Date('2026-03-10T12:00:00Z')
  const day = (days: number) => new Date(now.getTime() - days * 24 * 3_600_000)
  const full = { objectKey: 'full', size: 1_000, checksum: Buffer.alloc(32), createdAt: day(1), contentBytes: 5_000_000, baseObjectKey: null } as SnapshotRow
  const differential = { ...full, objectKey: 'own', size: 100, baseObjectKey: 'base', baseSize: 1_000, baseChecksum: Buffer.alloc(32), baseTakenAt: day(1), baseContentBytes: 5_000_000 } as SnapshotRow

  it.each<[string, SnapshotRow | undefined, string | undefined]>([
    ['a full one', full, 'full'],
    ['that of a differential one, never the differential one itself', differential, 'base'],
    ['none where there is none', undefined, undefined],
    ['none of a small project', { ...full, contentBytes: 1_000 }, undefined],
    ['none of a snapshot of before sizes were kept', { ...full, contentBytes: null }, undefined],
    ['none that is older than a week', { ...full, createdAt: day(8) }, undefined],
    ['none that was taken more than a week ago', { ...differential, baseTakenAt: day(8) }, undefined],
    ['none from which too much differs', { ...differential, size: 301 }, undefined]
  ])('is %s', (_what, newest, key) => {
    expect(chooseBase(newest, now)?.objectKey).toBe(key)
  })
})
