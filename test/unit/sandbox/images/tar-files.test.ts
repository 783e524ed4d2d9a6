import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readTarFiles } from '../../../../src/sandbox/images/tar-files.ts'
import { makeTar } from '../../../support/tar-fixture.ts'

describe('the files of an archive', () => {
  it('are read whole, with their modes', async () => {
    const tar = new PassThrough()
    tar.end(await makeTar([{ name: 'program', content: 'x'.repeat(100_000), mode: 0o711 }]))
    const files = await readTarFiles(tar)
    expect(files.map(({ mode, content }) => [mode, content.length])).toEqual([[0o711, 100_000]])
  })

  it.each([
    ['before the first of them', 0],
    ['in the head of one', 100],
    ['in the middle of one', 50_000]
  ])('are not waited for when it breaks off %s', async (_where, bytes) => {
    const tar = new PassThrough()
    const files = readTarFiles(tar)
    tar.write((await makeTar([{ name: 'program', content: 'x'.repeat(100_000), mode: 0o711 }])).subarray(0, bytes))
    setTimeout(() => tar.destroy(new Error('the connection was cut')), 20)
    await expect(files).rejects.toThrow('the connection was cut')
  })
})
