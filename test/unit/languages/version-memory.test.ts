import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openVersionMemory } from '../../../src/runtime/languages/version-memory.ts'

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'versions-'))
  file = join(directory, 'versions.json')
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

it('remembers over a restart what images have told, several at once', async () => {
  const memory = await openVersionMemory(file)
  expect(memory.recall('sha256:a')).toBeUndefined()
  await Promise.all([memory.keep('sha256:a', '1.2.3'), memory.keep('sha256:b', '2.0.0')])
  const reopened = await openVersionMemory(file)
  expect(['sha256:a', 'sha256:b'].map(reopened.recall)).toEqual(['1.2.3', '2.0.0'])
  expect(await readdir(directory)).toEqual(['versions.json'])
})

it('begins anew where the file is broken', async () => {
  await writeFile(file, '{"sha256:a"')
  const memory = await openVersionMemory(file)
  expect(memory.recall('sha256:a')).toBeUndefined()
  await memory.keep('sha256:a', '1.0.0')
  expect((await openVersionMemory(file)).recall('sha256:a')).toBe('1.0.0')
})

it('fails where there is no place for it', async () => {
  const memory = await openVersionMemory(join(directory, 'missing', 'versions.json'))
  await expect(memory.keep('sha256:a', '1.0.0')).rejects.toThrow('ENOENT')
})
