import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { judgePidFile, readPidFile } from '../../../src/setup/engine/pid-file.ts'

let file: string

beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'pid-file-')), 'docker.pid')
})

afterEach(async () => {
  await rm(join(file, '..'), { recursive: true })
})

it.each([
  ['no file', '', undefined, 'absent'],
  ['dockerd itself', '12\n', 'dockerd', 'alive'],
  ['a number that is somebody else\'s now', '12', 'bash', 'stale'],
  ['a number that is nobody\'s', '12', undefined, 'stale'],
  ['something that is no number', 'garbage', undefined, 'stale']
])('judges %s', (_, content, command, state) => {
  expect(judgePidFile(content, 'dockerd', command)).toBe(state)
})

it('looks at the process that the file names', async () => {
  const command = (await readFile('/proc/self/comm', 'utf8')).trim()
  await writeFile(file, `${process.pid}\n`)
  expect(await readPidFile(file, command)).toBe('alive')
  expect(await readPidFile(file, 'dockerd')).toBe('stale')
})

it('never takes a path out of the file', async () => {
  await writeFile(file, '../etc')
  expect(await readPidFile(file, 'dockerd')).toBe('stale')
})

it('takes a missing file for no daemon', async () => {
  expect(await readPidFile(file, 'dockerd')).toBe('absent')
})
