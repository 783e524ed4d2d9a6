import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readMembers, type Member } from '../../../src/projects/transfer/archives/members.ts'
import { packTar } from '../../../src/projects/transfer/archives/pack-tar.ts'
import { packZip } from '../../../src/projects/transfer/archives/pack-zip.ts'
import type { ProjectFile } from '../../../src/projects/transfer/archives/project-files.ts'
import { waitFor } from '../../support/wait-for.ts'

const TIME_NS = 1_600_000_000_123_456_789n

function entry (path: string | Buffer, more: Partial<ProjectFile['entry']> = {}): ProjectFile['entry'] {
  return { path: Buffer.from(path), type: 'file', mode: 0o644, size: 0, mtimeNs: TIME_NS, inode: 1n, ...more }
}

const whole = (path: string | Buffer, content: string, more: Partial<ProjectFile['entry']> = {}): ProjectFile =>
  ({ entry: entry(path, { size: content.length, ...more }), content: Buffer.from(content) })

/** One that was listed with another size than it has now. */
const opened = (path: string, size: number, chunks: string[]): ProjectFile =>
  ({ entry: entry(path, { size: 1 }), open: async () => ({ size, bytes: Readable.from(chunks.map((chunk) => Buffer.from(chunk))) }) })

async function * listOf (...files: ProjectFile[]): AsyncGenerator<ProjectFile> {
  yield * files
}

async function readBack (tar: AsyncIterable<Buffer>): Promise<Array<Omit<Member, 'bytes'> & { content: string }>> {
  const found = []
  for await (const { bytes, ...member } of readMembers(tar)) found.push({ ...member, content: (await buffer(bytes)).toString() })
  return found
}

describe('a tar', () => {
  it('brings back names, modes, times to the nanosecond, links and content', async () => {
    const target = Buffer.from('../up')
    const found = await readBack(packTar(listOf(
      { entry: entry('dir', { type: 'directory', mode: 0o750 }) },
      whole('dir/grüße\n', 'text', { mode: 0o600 }),
      { entry: entry('dir/link', { type: 'symlink', target }) },
      opened('large', 11, ['hello ', 'world'])
    )))
    expect(found).toMatchObject([
      { type: 'directory', path: Buffer.from('dir'), mode: 0o750 },
      { type: 'file', path: Buffer.from('dir/grüße\n'), mode: 0o600, mtimeNs: TIME_NS, content: 'text' },
      { type: 'symlink', path: Buffer.from('dir/link'), target },
      { type: 'file', path: Buffer.from('large'), size: 11, content: 'hello world' }
    ])
  })

  it('brings back names and targets that are no UTF-8, long ones, and sizes of nothing', async () => {
    const latin = Buffer.from('caf\xe9', 'latin1')
    const long = 'd'.repeat(200) + '/' + 'f'.repeat(200)
    const found = await readBack(packTar(listOf(whole(latin, ''), { entry: entry('l', { type: 'symlink', target: latin }) }, whole(long, 'x'))))
    expect(found.map(({ path, target }) => [path, target])).toEqual([[latin, Buffer.alloc(0)], [Buffer.from('l'), latin], [Buffer.from(long), Buffer.alloc(0)]])
  })

  it.each([[0n], [999_999_999n], [2n ** 63n]])('survives a time of %s', async (mtimeNs) => {
    const [member] = await readBack(packTar(listOf(whole('f', 'x', { mtimeNs }))))
    expect(member?.mtimeNs).toBe(mtimeNs)
  })

  it('leaves out a file that has gone', async () => {
    expect(await readBack(packTar(listOf({ entry: entry('gone'), open: async () => undefined }, whole('f', 'x'))))).toMatchObject([{ content: 'x' }])
  })

  it('is made no faster than it is read', async () => {
    let made = 0
    async function * endless (): AsyncGenerator<ProjectFile> {
      for (;;) yield made++ % 2 === 0 ? { entry: entry(`d${made}`, { type: 'directory' }) } : whole(`f${made}`, 'x'.repeat(10_000))
    }
    const tar = packTar(endless())
    await waitFor('it to be full', () => tar.readableLength > 0)
    const before = made
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect(made - before).toBeLessThan(100)
    expect(made).toBeLessThan(300)
    tar.destroy()
    await waitFor('the files to be let go', () => tar.closed)
  })
})

describe.each([['a tar', packTar], ['a zip', packZip]])('%s', (_name, pack) => {
  it.each([
    ['becomes shorter while it is read', opened('shrinking', 100, ['only this'])],
    ['cannot be read to its end', { entry: entry('broken'), open: async () => ({ size: 10, bytes: Readable.from((function * () { throw new Error('lost') })()) }) }]
  ])('breaks off when a file %s', async (_what, file) => {
    await expect(buffer(pack(listOf(whole('before', 'x'), file, whole('after', 'x'))))).rejects.toThrow()
  })

  it('breaks off when the listing does', async () => {
    async function * failing (): AsyncGenerator<ProjectFile> {
      yield whole('before', 'x')
      throw new Error('the agent is gone')
    }
    await expect(buffer(pack(failing()))).rejects.toThrow('the agent is gone')
  })
})

describe('a zip', () => {
  it('has modes, links and content, and no name that another system would take for a path of its own', async () => {
    const zip = await buffer(packZip(listOf(whole('a\\..\\b', 'text', { mode: 0o755 }), { entry: entry('l', { type: 'symlink', target: Buffer.from('to') }) }, opened('large', 3, ['abc']), { entry: entry('d', { type: 'directory' }) })))
    const names = centralNames(zip)
    expect(names.map(({ name }) => name)).toEqual(['a_.._b', 'l', 'large', 'd/'])
    expect(names.map(({ mode }) => mode.toString(8))).toEqual(['100755', '120644', '100644', '40644'])
    expect(inflateFirst(zip)).toBe('text')
  })
})

/** Names and modes of its central directory. */
function centralNames (zip: Buffer): Array<{ name: string, mode: number }> {
  const found = []
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4)) {
    const length = zip.readUInt16LE(at + 28)
    found.push({ name: zip.toString('utf8', at + 46, at + 46 + length), mode: zip.readUInt32LE(at + 38) >>> 16 })
  }
  return found
}

function inflateFirst (zip: Buffer): string {
  const at = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
  return inflateRawSync(zip.subarray(at)).toString()
}
