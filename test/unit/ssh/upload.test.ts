import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createUpload, type UploadOptions } from '../../../src/projects/ssh/sftp/upload.ts'

/** Of one file, which is replaced whole or not at all. */
let content: Buffer
let attributes: object[]
let writes: number
let open: number
let failure: Error | undefined

beforeEach(() => {
  content = Buffer.from('0123456789')
  attributes = []
  writes = 0
  open = 0
  failure = undefined
})

const files = {
  async open (_project: string, _path: string, { offset = 0, length = Infinity }) {
    return { entry: { size: content.length }, bytes: Readable.from([content.subarray(offset, offset + length)]) }
  },
  async write (_project: string, _path: string, { source }: { source: Readable }) {
    writes++
    const bytes = await buffer(source)
    if (failure !== undefined) throw failure
    content = bytes
    return { entry: { size: bytes.length }, created: false }
  },
  async setAttributes (_project: string, _path: string, given: object) { attributes.push(given) }
} as unknown as UploadOptions['files']

function upload (more: Partial<UploadOptions> = {}) {
  return createUpload({
    files, projectId: 'project', path: 'file', size: content.length, isTruncated: false, isAppending: false, fileLimit: 1_000_000,
    take () {
      open++
      return () => { open-- }
    },
    ...more
  })
}

describe('an upload', () => {
  it('in order is one write, which is there when it is committed', async () => {
    const { write, commit, size } = upload({ size: 0, isTruncated: true })
    await write(0, Buffer.from('abc'))
    await write(3, Buffer.from('def'))
    expect([content.toString(), size(), open]).toEqual(['0123456789', 6, 1])
    await commit()
    expect([content.toString(), size(), writes, open]).toEqual(['abcdef', 6, 1, 0])
    await commit()
    expect(writes).toBe(1)
  })

  it('keeps what is around it', async () => {
    const { write, commit } = upload()
    await write(2, Buffer.from('xx'))
    await write(7, Buffer.from('y'))
    await commit()
    expect([content.toString(), writes]).toEqual(['01xx456y89', 1])
  })

  it('goes back as well', async () => {
    const { write, commit } = upload({ size: 0, isTruncated: true })
    await write(6, Buffer.from('world'))
    await write(0, Buffer.from('hello '))
    await write(8, Buffer.from('R'))
    await commit()
    expect(content.toString()).toBe('hello woRld')
  })

  it('at the end is there whatever place the client says', async () => {
    const { write, commit } = upload({ isAppending: true })
    await write(0, Buffer.from('a'))
    await write(0, Buffer.from('b'))
    await commit()
    expect(content.toString()).toBe('0123456789ab')
  })

  it('beyond the end has zeros before it', async () => {
    const { write, commit } = upload()
    await write(12, Buffer.from('x'))
    await commit()
    expect(content.toString()).toBe('0123456789\0\0x')
  })

  it('makes a file shorter and longer', async () => {
    const { write, truncate, commit } = upload()
    await write(0, Buffer.from('X'))
    await truncate(3)
    await write(1, Buffer.from('Y'))
    await truncate(5)
    await commit()
    expect(content.toString()).toBe('XY2\0\0')
  })

  it('of nothing empties a file that was to be replaced, and else leaves it', async () => {
    await upload().commit()
    expect([content.toString(), writes]).toEqual(['0123456789', 0])
    await upload({ size: 0, isTruncated: true }).commit()
    expect(content.toString()).toBe('')
  })

  it('gives permissions and time to what it has written', async () => {
    const { write, setAttributes, commit } = upload()
    setAttributes({ mode: 0o600 })
    await write(0, Buffer.from('X'))
    setAttributes({ mtimeNs: 5n })
    expect(attributes).toEqual([])
    await commit()
    expect(attributes).toEqual([{ mode: 0o600, mtimeNs: 5n }])
  })

  it('that is given up leaves what was there, and its place', async () => {
    const { write, abandon } = upload()
    await write(0, Buffer.from('X'))
    abandon()
    await expect.poll(() => open).toBe(0)
    expect(content.toString()).toBe('0123456789')
  })

  it('says what has failed, once to each who waits', async () => {
    failure = new Error('no room')
    const { write, commit } = upload()
    await write(0, Buffer.from('X'))
    await expect(commit()).rejects.toThrow('no room')
    failure = undefined
    await write(0, Buffer.from('Y'))
    await commit()
    expect(content.toString()).toBe('Y123456789')
  })

  it('is refused where the file would be too large, before anything is written', async () => {
    const { write, truncate } = upload({ fileLimit: 100 })
    await expect(write(2 ** 50, Buffer.from('x'))).rejects.toThrow('at most 100 bytes')
    await expect(truncate(101)).rejects.toThrow('at most 100 bytes')
    expect(writes).toBe(0)
  })
})
