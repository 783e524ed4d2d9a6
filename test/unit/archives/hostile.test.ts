import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createArchiveCheck } from '../../../src/projects/transfer/archives/check.ts'
import { trimPath } from '../../../src/projects/transfer/archives/members.ts'
import { receiveArchive } from '../../../src/projects/transfer/archives/open-archive.ts'
import { createPathTree } from '../../../src/projects/transfer/archives/path-tree.ts'
import { openSpool, type Spool } from '../../../src/projects/transfer/spool.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { endOfTar, makeTar, rawHeader, type TarMember } from '../../support/tar-fixture.ts'

const LIMITS = { members: 100, totalBytes: 1_000_000, fileBytes: 500_000 }

let directory: string
beforeAll(async () => { directory = await makeDataDir() })
afterAll(async () => await removeDataDir(directory))

async function withSpool<T> (work: (spool: Spool) => Promise<T>): Promise<T> {
  const spool = await openSpool(directory)
  try {
    return await work(spool)
  } finally {
    await spool.close()
  }
}

/** Cut into pieces that fit nothing. */
async function * pieces (bytes: Buffer, size = 700): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function check (bytes: Buffer, limits = LIMITS): Promise<{ totalBytes: number, members: number }> {
  const archive = createArchiveCheck(limits)
  await withSpool(async (spool) => {
    for await (const member of receiveArchive(spool, pieces(bytes))) archive.add(member)
  })
  return archive.finish()
}

const file = (name: string, content = 'x'): TarMember => ({ name, content })

describe('an archive that is fine', () => {
  it.each<[string, TarMember[], number]>([
    ['files and directories', [{ name: './', type: 'directory' }, { name: './src/', type: 'directory' }, file('./src/main.py')], 2],
    ['a directory given twice', [{ name: 'a', type: 'directory' }, { name: 'a/', type: 'directory' }], 1],
    ['Unicode, blanks and newlines', [file('grüße/日本 語.txt'), file('a\nb'), file('👩‍🚀')], 3],
    ['long names', [file(`${'d'.repeat(200)}/${'f'.repeat(255)}`)], 1],
    ['links that stay', [{ name: 'a/b/link', type: 'symlink', linkname: '../../other' }, { name: 'self', type: 'symlink', linkname: '.' }], 2],
    ['a hard link to a file before it', [file('one', '1'), { name: 'two', type: 'link', linkname: 'one' }], 2],
    ['links that lead anywhere', [{ name: 'a/l', type: 'symlink', linkname: '../../x' }, { name: '.venv/bin/python3', type: 'symlink', linkname: '/usr/bin/python3' }], 2],
    ['names that are no UTF-8', [{ ...file('fine'), pax: { 'BERTH.path': Buffer.from('caf\xe9', 'latin1').toString('base64') } }], 1],
    ['a hundred levels', [file('d/'.repeat(99) + 'f')], 1],
    ['names that only look dangerous', [file('..a'), file('a..'), file('...'), file('~'), file('-rf'), file('C:\\x')], 6]
  ])('with %s', async (_what, members, count) => {
    expect(await check(await makeTar(members))).toMatchObject({ members: count })
  })

  it('as gzip, also of several parts', async () => {
    const bytes = await makeTar([file('a', 'content'), file('b', 'more')])
    const parts = Buffer.concat([gzipSync(bytes.subarray(0, 600)), gzipSync(bytes.subarray(600))])
    expect(await check(gzipSync(bytes))).toEqual({ members: 2, totalBytes: 11 })
    expect(await check(parts)).toEqual({ members: 2, totalBytes: 11 })
  })

  it('with nothing in it', async () => {
    expect(await check(await makeTar([]))).toEqual({ members: 0, totalBytes: 0 })
  })
})

describe('an archive is refused', () => {
  it.each<[string, TarMember[], RegExp]>([
    ['..', [file('../evil')], /"\.\."/],
    ['.. in the middle', [file('a/../../evil')], /"\.\."/],
    ['.. at the end', [{ name: 'a/..', type: 'directory' }], /"\.\."/],
    ['an absolute path', [file('/etc/passwd')], /absolute/],
    ['an empty name', [file('a//b')], /""/],
    ['an absolute path in its extended header', [{ ...file('fine'), pax: { path: '/etc/passwd' } }], /absolute/],
    ['.. among the bytes of a name', [{ ...file('fine'), pax: { 'BERTH.path': Buffer.from('../x').toString('base64') } }], /"\.\."/],
    ['a NUL', [{ ...file('fine'), pax: { path: 'a\0b' } }], /NUL/],
    ['a name that is too long', [file('n'.repeat(256))], /longer than 255/],
    ['a path that is too long', [file(`${'d'.repeat(100)}/`.repeat(40) + 'f')], /longer than 3800/],
    ['a name of ours', [file('.berth-merging/x')], /keeps for itself/],
    ['a file through a link that leaves', [{ name: 'l', type: 'symlink', linkname: '/etc' }, file('l/cron.d/x')], /no directory/],
    ['a file through a link that leaves, the link last', [file('l/passwd'), { name: 'l', type: 'symlink', linkname: '/etc' }], /no directory/],
    ['a hard link through a link', [{ name: 'l', type: 'symlink', linkname: '/etc' }, { name: 'h', type: 'link', linkname: 'l/passwd' }], /hard link/],
    ['more than a hundred levels', [file('d/'.repeat(100) + 'f')], /100 names/],
    ['a name that has lost its bytes', [{ ...file('f'), pax: { path: 'caf\uFFFD' } }], /UTF-8/],
    ['what only our own snapshots say', [{ ...file('f'), pax: { 'BERTH.removed': '1' } }], /special/],
    ['a link to nothing', [{ name: 'l', type: 'symlink', linkname: '', pax: { 'BERTH.linkpath': '' } }], /proper target/],
    ['a hard link out of it', [{ name: 'l', type: 'link', linkname: '/etc/shadow' }], /hard link/],
    ['a hard link to what comes later', [{ name: 'l', type: 'link', linkname: 'f' }, file('f')], /hard link/],
    ['a hard link to a link', [{ name: 's', type: 'symlink', linkname: 'x' }, { name: 'l', type: 'link', linkname: 's' }], /hard link/],
    ['a character device', [{ name: 'd', type: 'character-device' }], /device/],
    ['a block device', [{ name: 'd', type: 'block-device' }], /device/],
    ['a FIFO', [{ name: 'd', type: 'fifo' }], /device/],
    ['a sparse file', [{ ...file('s'), pax: { 'GNU.sparse.major': '1' } }], /sparse/],
    ['a sparse file of an old format', [{ ...file('s'), pax: { 'GNU.sparse.size': '1000000', 'GNU.sparse.numblocks': '1' } }], /sparse/],
    ['a sparse file of star', [{ ...file('s'), pax: { 'SCHILY.realsize': '1000000' } }], /sparse/],
    ['a file twice', [file('a'), file('a')], /twice/],
    ['a file where a directory is', [{ name: 'a', type: 'directory' }, file('a')], /twice/],
    ['a file through a link', [{ name: 'a', type: 'symlink', linkname: 'b' }, file('a/f')], /no directory/],
    ['a file through a link that comes later', [file('a/b/f'), { name: 'a', type: 'symlink', linkname: 'c' }], /no directory/],
    ['a file beneath a file', [file('a'), file('a/f')], /no directory/],
    ['too many records', [{ ...file('a'), pax: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v'])) }], /records/]
  ])('for %s', async (_what, members, message) => {
    await expect(check(await makeTar(members))).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringMatching(message) })
  })

  it.each<[string, TarMember[], typeof LIMITS, RegExp]>([
    ['too many members', Array.from({ length: 101 }, (_, i) => file(`f${i}`)), LIMITS, /more than 100/],
    ['too many directories that only paths name', Array.from({ length: 40 }, (_, i) => file(`a${i}/b/c`)), LIMITS, /more than 100/],
    ['a file that is too large', [file('f', 'x'.repeat(600_000))], LIMITS, /larger than the 500000 bytes that a file/],
    ['files that are too large together', [file('f', 'x'.repeat(400_000)), file('g', 'x'.repeat(400_000)), file('h', 'x'.repeat(400_000))], LIMITS, /room/],
    ['hard links that multiply a file', [file('f', 'x'.repeat(400_000)), { name: 'g', type: 'link', linkname: 'f' }, { name: 'h', type: 'link', linkname: 'g' }], LIMITS, /room/]
  ])('for %s', async (_what, members, limits, message) => {
    await expect(check(await makeTar(members), limits)).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE', message: expect.stringMatching(message) })
  })

  it('for a size that is not true, however large', async () => {
    const huge = Buffer.concat([Buffer.of(0x80), Buffer.alloc(3), Buffer.alloc(8, 0xff)])
    await expect(check(rawHeader({ name: 'f', size: huge }))).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
    const negative = Buffer.alloc(12, 0xff)
    await expect(check(rawHeader({ name: 'f', size: negative }))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
    await expect(check(rawHeader({ name: 'f', size: 'rubbish' }))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it('for a kind of member that nobody knows', async () => {
    await expect(check(Buffer.concat([rawHeader({ name: 'f', typeflag: 'S' }), endOfTar]))).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringMatching(/device/) })
  })

  it('for a header that would fill the memory', async () => {
    const giant = Buffer.concat([rawHeader({ name: 'p', typeflag: 'x', size: (4 * 1024 * 1024).toString(8) }), Buffer.alloc(4 * 1024 * 1024, 'x')])
    await expect(check(giant)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it.each([['in a header', 100], ['in a file', 700], ['behind a file', 1024], ['in its end', 1024 + 512]])('when it is cut off %s', async (_where, length) => {
    const bytes = await makeTar([file('f', 'y'.repeat(300))])
    await expect(check(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
    await expect(check(gzipSync(bytes.subarray(0, length)))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it('when its gzip is cut off or damaged', async () => {
    const bytes = gzipSync(await makeTar([{ name: 'f', content: randomBytes(100_000) }]))
    await expect(check(bytes.subarray(0, -10))).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringMatching(/gzip/) })
    const damaged = Buffer.from(bytes)
    damaged.fill(0, 50_000, 50_100)
    await expect(check(damaged)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it.each([['nothing', Buffer.alloc(0)], ['a text', Buffer.from('hello'.repeat(500))], ['half a zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(1000)])], ['a gzip of no tar', gzipSync(Buffer.from('hello'.repeat(500)))]])('when it is %s', async (_what, bytes) => {
    await expect(check(bytes)).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.not.stringMatching(/Unexpected end|Invalid/) })
  })

  it('as a bomb, long before it has gone off', async () => {
    const zeros = Buffer.alloc(16 * 1024 * 1024)
    const bomb = gzipSync(Buffer.concat([rawHeader({ name: 'f', size: (zeros.length * 8).toString(8) }), ...Array.from({ length: 8 }, () => zeros)]), { level: 9 })
    let taken = 0
    const limits = { members: 10, totalBytes: 2 ** 40, fileBytes: 2 ** 40 }
    const archive = createArchiveCheck(limits)
    await expect(withSpool(async (spool) => {
      for await (const member of receiveArchive(spool, pieces(bomb))) {
        archive.add(member)
        for await (const chunk of member.bytes) taken += chunk.length
      }
    })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE', message: expect.stringMatching(/expands/) })
    expect(taken).toBeLessThan(64 * 1024 * 1024)
  })

  it('when whoever sends it fails', async () => {
    async function * failing (): AsyncGenerator<Buffer> {
      yield (await makeTar([file('f')])).subarray(0, 600)
      throw new Error('the client went away')
    }
    await expect(withSpool(async (spool) => { for await (const member of receiveArchive(spool, failing())) void member })).rejects.toThrow('the client went away')
  })

  it.each<[string, string]>([
    ['xz', '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj'], ['bzip2', Buffer.from('BZh91AY&SY').toString('base64')], ['7z', 'N3q8ryccAAQ='],
    ['RAR', Buffer.from('Rar!\x1a\x07\x00').toString('base64')], ['zstd', 'KLUv/SQAAQAA'], ['lz4', 'BCJNGGRApw==']
  ])('with its name when it is of %s', async (name, start) => {
    const bytes = Buffer.concat([Buffer.from(start, 'base64'), Buffer.alloc(100)])
    await expect(check(bytes)).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringMatching(new RegExp(`${name}.*tar, tar.gz and zip`)) })
  })
})

describe('what an archive costs', () => {
  const levels = 1_000

  it('is the sum of its paths in steps, however deep they are', () => {
    const paths = Array.from({ length: 300 }, (_, i) => Buffer.from('a/'.repeat(levels) + i))
    const tree = createPathTree()
    for (const path of paths) expect(tree.add({ path, type: 'file', size: 0 })).toBeUndefined()
    expect(tree.steps()).toBeLessThanOrEqual(paths.reduce((sum, { length }) => sum + length + 1, 0))
    expect(tree.count()).toBe(levels + paths.length)
  })

  it('is refused at the first path that is too deep', async () => {
    await expect(check(await makeTar(Array.from({ length: 90 }, (_, i) => ({ name: 'f', pax: { path: 'a/'.repeat(1_800) + i } }))))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it.each<[string, string, string]>([
    ['slashes in the middle', `a${'/'.repeat(1_000_000)}b`, `a${'/'.repeat(1_000_000)}b`],
    ['slashes at the end', `a${'/'.repeat(1_000_000)}`, 'a'],
    ['dots before it', `${'./'.repeat(500_000)}a`, 'a'],
    ['nothing but dots', './'.repeat(500_000), '']
  ])('does not grow with the square of %s', (_what, path, trimmed) => {
    expect(trimPath(Buffer.from(path)).equals(Buffer.from(trimmed))).toBe(true)
  })
})
