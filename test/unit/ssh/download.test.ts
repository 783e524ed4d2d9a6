import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { createDownloads } from '../../../src/projects/ssh/sftp/download.ts'

function fileOf (content: Buffer) {
  const opened: number[] = []
  const file = { inode: 1n, opened }
  const open = async (_project: string, _path: string, { offset = 0, length = Infinity }) => {
    opened.push(offset)
    return { entry: { inode: file.inode }, bytes: Readable.from([content.subarray(offset, offset + length)]) }
  }
  return Object.assign(file, { download: createDownloads({ open } as unknown as Parameters<typeof createDownloads>[0], 'project')('file') })
}

it('a file is read ahead, and every part but the last is as long as it was asked for', async () => {
  const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, n) => n % 251))
  const { download, opened } = fileOf(content)
  for (let offset = 0; offset < content.length; offset += 261_120) {
    expect((await download.read(offset, 261_120)).equals(content.subarray(offset, offset + 261_120)), String(offset)).toBe(true)
  }
  expect(await download.read(content.length, 1)).toEqual(Buffer.alloc(0))
  expect(opened.length).toBeLessThan(14)
  expect((await download.read(5, 10)).equals(content.subarray(5, 15))).toBe(true)
})

it('a file that another one has replaced is not taken for the same', async () => {
  const file = fileOf(Buffer.alloc(3_000_000))
  await file.download.read(0, 10)
  file.inode = 2n
  await expect(file.download.read(2_000_000, 10)).rejects.toThrow('replaced by another one')
})
