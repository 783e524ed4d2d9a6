import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { readFiles, verifyFiles } from '../../../src/operations/backup/archive-reader.ts'
import { createArchiveWriter } from '../../../src/operations/backup/archive-writer.ts'
import { parseManifest } from '../../../src/operations/backup/manifest.ts'
import { inOrder } from '../../../src/operations/backup/tables.ts'
import { objectKeyOf } from '../../../src/operations/backup/objects.ts'

const LARGE = Buffer.alloc(3 * 1024 * 1024 + 5, 'x')

async function write (files: Record<string, Buffer>): Promise<Buffer> {
  const archive = createArchiveWriter()
  const written = buffer(archive.bytes)
  for (const [name, content] of Object.entries(files)) {
    await archive.add(name, (async function * () { for (let i = 0; i < content.length; i += 700_000) yield content.subarray(i, i + 700_000) })())
  }
  await archive.finish()
  return await written
}

async function read (tar: Buffer): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {}
  await verifyFiles(readFiles(Readable.from([tar])), async ({ name, content }) => { found[name] = await buffer(content) })
  return found
}

/** A tar of members as they are given, such as no writer of ours makes. */
async function tarOf (members: ReadonlyArray<[string, string]>): Promise<Buffer> {
  const tar = pack()
  for (const [name, content] of members) tar.entry({ name }, content)
  tar.finalize()
  return await buffer(tar)
}

describe('an archive', () => {
  it('gives back what was put into it, also what is empty or larger than a piece', async () => {
    const files = { 'database/users': LARGE, empty: Buffer.alloc(0), 'keys/a': Buffer.from('k') }
    const found = await read(await write(files))
    expect(Object.keys(found)).toEqual(Object.keys(files))
    // Comparing millions of bytes one by one takes a minute.
    for (const [name, content] of Object.entries(files)) expect(found[name]?.equals(content), name).toBe(true)
  })

  it('is checked also where nobody reads the content', async () => {
    const seen: string[] = []
    await verifyFiles(readFiles(Readable.from([await write({ a: LARGE, b: Buffer.from('b') })])), async ({ name }) => { seen.push(name) })
    expect(seen).toEqual(['a', 'b'])
  })

  it('is damaged when a byte of a file is another', async () => {
    const tar = await write({ a: Buffer.from('content'), b: LARGE })
    tar.write('C', tar.indexOf('content'))
    await expect(read(tar)).rejects.toThrow(/has another a than was written/)
  })

  it.each([0.1, 0.5, 0.99])('is damaged when it ends after %d of it', async (part) => {
    const tar = await write({ a: LARGE, b: LARGE })
    await expect(read(tar.subarray(0, Math.floor(tar.length * part)))).rejects.toThrow(/the archive is damaged/)
  })

  const SUM = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  it.each<[string, Array<[string, string]>, RegExp]>([
    ['lacks a file', [['checksums/0', `${SUM}  a\n`]], /lacks a/],
    ['has one more', [['a/0', ''], ['checksums/0', '']], /has no checksum of a/],
    ['has one twice', [['a/0', ''], ['b/0', ''], ['a/1', ''], ['checksums/0', `${SUM}  a\n${SUM}  b\n`]], /has a where nothing should be/],
    ['has one behind its end', [['checksums/0', ''], ['a/0', '']], /has a where nothing should be/],
    ['is empty', [], /ends before its end/]
  ])('is damaged when it %s', async (_name, members, message) => {
    await expect(read(await tarOf(members))).rejects.toThrow(message)
  })

  it('that is no tar is damaged', async () => {
    await expect(read(Buffer.alloc(2_048, 'not a tar'))).rejects.toThrow(/the archive is damaged/)
  })
})

describe('the manifest of an archive', () => {
  const manifest = { format: 1, version: '0.1.0', madeAt: '2026-01-01T00:00:00Z', migrations: ['a'], tables: [{ name: 'users', columns: ['id'] }], hasObjects: true, keysElsewhere: [] }

  it('is read', () => expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest))

  it.each([
    ['of another format', { ...manifest, format: 2 }],
    ['with a name that is none', { ...manifest, tables: [{ name: 'users"; drop table users; --', columns: ['id'] }] }],
    ['without migrations', { ...manifest, migrations: [] }],
    ['that is something else', 'hello']
  ])('%s is refused', (_name, value) => {
    expect(() => parseManifest(typeof value === 'string' ? value : JSON.stringify(value))).toThrow(/is not one of this Berth's/)
  })
})

describe('names of objects in an archive', () => {
  it.each([
    ['snapshots/a1/b-2/c', 'a1/b-2/c'], ['snapshots/a-index', 'a-index'], ['snapshots/', undefined], ['snapshots/../keys/a', undefined],
    ['snapshots//a', undefined], ['snapshots/a/..', undefined], ['database/a', undefined]
  ])('%s is the key %s', (name, key) => expect(objectKeyOf(name)).toBe(key))
})

describe('the order of tables', () => {
  const tables = ['a', 'b', 'c', 'd'].map((name) => ({ name, columns: ['id'] }))

  it('has each after those that it refers to', () => {
    const references: Record<string, string[]> = { a: ['c', 'd'], b: ['a'], c: ['d'] }
    expect(inOrder(tables, (name) => references[name] ?? []).map(({ name }) => name)).toEqual(['d', 'c', 'a', 'b'])
  })

  it('is none where they refer to each other in a circle', () => {
    const references: Record<string, string[]> = { a: ['b'], b: ['a'] }
    expect(() => inOrder(tables, (name) => references[name] ?? [])).toThrow('in a circle: a, b, a')
  })
})
