import { execFileSync } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createArchiveCheck } from '../../../src/projects/transfer/archives/check.ts'
import type { Member } from '../../../src/projects/transfer/archives/members.ts'
import { receiveArchive } from '../../../src/projects/transfer/archives/open-archive.ts'
import { openSpool } from '../../../src/projects/transfer/spool.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'

const LIMITS = { members: 100, totalBytes: 400_000_000, fileBytes: 300_000_000 }
const UNIX = 3
const DOS = 0
/** The upper half of the attributes, where the system is Unix. */
const ofMode = (mode: number): number => mode * 2 ** 16

let directory: string
beforeAll(async () => { directory = await makeDataDir() })
afterAll(async () => await removeDataDir(directory))

interface ZipMember {
  readonly name: string
  readonly content?: string
  /** Zeros, instead of a content. */
  readonly zeros?: number
  readonly system?: number
  readonly attributes?: number
  readonly method?: 'stored' | 'deflate' | 'bzip2'
}

/** Python writes them as most people's programs do. */
const makeZip = (...members: ZipMember[]): Buffer => execFileSync('python3', ['-c', `
import io, json, sys, zipfile
made = io.BytesIO()
with zipfile.ZipFile(made, 'w') as archive:
    for member in json.load(sys.stdin):
        info = zipfile.ZipInfo('x', (2024, 2, 3, 4, 5, 6))
        info.filename = member['name']
        info.create_system = member.get('system', 3)
        info.external_attr = member.get('attributes', 0o100644 << 16)
        info.compress_type = {'stored': 0, 'deflate': 8, 'bzip2': 12}[member.get('method', 'deflate')]
        archive.writestr(info, bytes(member['zeros']) if 'zeros' in member else member.get('content', ''))
sys.stdout.buffer.write(made.getvalue())
`], { input: JSON.stringify(members), maxBuffer: 2 ** 28 })

async function * pieces (bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}

/** What a zip holds, checked as an upload is. */
async function unpack (bytes: Buffer): Promise<Array<Omit<Member, 'bytes'> & { content: Buffer }>> {
  const spool = await openSpool(directory)
  const members = []
  const archive = createArchiveCheck(LIMITS)
  try {
    for await (const member of receiveArchive(spool, pieces(bytes))) {
      archive.add(member)
      members.push({ ...member, content: member.type === 'file' ? await buffer(member.bytes) : Buffer.alloc(0) })
    }
  } finally {
    await spool.close()
  }
  archive.finish()
  return members
}

/** The same bytes with some of them changed wherever they are. */
function replace (bytes: Buffer, what: Buffer, by: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  let count = 0
  for (let at = changed.indexOf(what); at !== -1; at = changed.indexOf(what, at + by.length)) {
    by.copy(changed, at)
    count++
  }
  if (count === 0) throw new Error('nothing to change')
  return changed
}

/** The flags of all entries, in their own heads and in the directory. */
function withFlags (bytes: Buffer, flags: number): Buffer {
  const changed = Buffer.from(bytes)
  for (const [head, offset] of [['PK\x03\x04', 6], ['PK\x01\x02', 8]] as const) {
    for (let at = changed.indexOf(head); at !== -1; at = changed.indexOf(head, at + 4)) changed.writeUInt16LE(changed.readUInt16LE(at + offset) | flags, at + offset)
  }
  return changed
}

describe('a zip that is uploaded', () => {
  it('gives files, directories and links with their modes and times', async () => {
    const members = await unpack(makeZip(
      { name: 'src/', attributes: ofMode(0o40750) },
      { name: 'src/run', content: 'run', attributes: ofMode(0o100755) },
      { name: 'stored', content: 'as it is', method: 'stored' },
      { name: 'src/link', content: '../stored', attributes: ofMode(0o120777) }
    ))
    expect(members.map(({ type, path, mode, target, content }) => [type, path.toString(), mode.toString(8), target.toString(), content.toString()])).toEqual([
      ['directory', 'src', '750', '', ''],
      ['file', 'src/run', '755', '', 'run'],
      ['file', 'stored', '644', '', 'as it is'],
      ['symlink', 'src/link', '777', '../stored', '']
    ])
    expect(members.map(({ mtimeNs }) => mtimeNs)).toEqual(members.map(() => BigInt(Date.UTC(2024, 1, 3, 4, 5, 6)) * 1_000_000n))
  })

  it.each<[string, ZipMember, string, string]>([
    ['Windows, with its separators', { name: 'a\\b\\c.txt', system: DOS, attributes: 0x20 }, 'file', 'a/b/c.txt'],
    ['Windows, of a directory', { name: 'a\\b\\', system: DOS, attributes: 0x10 }, 'directory', 'a/b'],
    ['Unix, where a backslash is part of a name', { name: 'a\\b', system: UNIX }, 'file', 'a\\b'],
    ['Unicode', { name: 'grüße/日本.txt' }, 'file', 'grüße/日本.txt']
  ])('may be of %s', async (_of, member, type, path) => {
    expect((await unpack(makeZip(member))).map((found) => [found.type, found.path.toString()])).toEqual([[type, path]])
  })

  it('is read to its end where one holds another', async () => {
    const inner = makeZip({ name: 'inner', content: 'x'.repeat(50_000) })
    const outer = makeZip({ name: 'inner.zip', content: inner.toString('latin1') }, { name: 'after' })
    expect((await unpack(outer)).map(({ path }) => path.toString())).toEqual(['inner.zip', 'after'])
  })
})

describe('a zip is refused', () => {
  it.each<[string, ZipMember, RegExp]>([
    ['leads out', { name: '../evil' }, /"\.\."/],
    ['leads out with the separators of Windows', { name: 'a\\..\\..\\evil', system: DOS, attributes: 0 }, /"\.\."/],
    ['is absolute', { name: '/etc/passwd' }, /absolute/],
    ['is a device', { name: 'device', attributes: ofMode(0o020666) }, /is a device/],
    ['is packed as hardly anybody unpacks', { name: 'f', content: 'x', method: 'bzip2' }, /other than deflate/],
    ['has a link that is too long', { name: 'l', content: 'x'.repeat(5_000), attributes: ofMode(0o120777) }, /too long/]
  ])('when a member %s', async (_what, member, message) => {
    await expect(unpack(makeZip({ name: 'fine' }, member))).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringMatching(message) })
  })

  it('when it is encrypted', async () => {
    await expect(unpack(withFlags(makeZip({ name: 'secret', content: 'x' }), 1))).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringMatching(/"secret" is encrypted/) })
  })

  it('when the content is not what the checksum says', async () => {
    const zip = makeZip({ name: 'f', content: 'the content', method: 'stored' })
    await expect(unpack(replace(zip, Buffer.from('the content'), Buffer.from('a different')))).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringMatching(/checksum|damaged/) })
  })

  it.each([1, 30, 200])('when its last %i bytes are missing', async (bytes) => {
    await expect(unpack(makeZip({ name: 'f', content: 'x'.repeat(1_000), method: 'stored' }).subarray(0, -bytes))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })

  it('when it is a bomb, before it has gone off', async () => {
    const bomb = makeZip({ name: 'zeros', zeros: 200_000_000 })
    expect(bomb.length).toBeLessThan(300_000)
    const before = process.memoryUsage.rss()
    await expect(unpack(bomb)).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
  })

  it('when a member is larger than it says', async () => {
    const zip = makeZip({ name: 'f', zeros: 100_000 })
    const size = Buffer.alloc(4)
    size.writeUInt32LE(100_000)
    const lie = Buffer.alloc(4)
    lie.writeUInt32LE(10)
    await expect(unpack(replace(zip, size, lie))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
  })
})
