import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { raiseKernelLimits } from '../../../src/setup/kernel-limits.ts'

let directory: string
let lines: string[]
beforeEach(async () => {
  lines = []
  directory = await mkdtemp(join(tmpdir(), 'berth-sysctl-'))
  for (const part of ['fs/inotify', 'kernel/pty']) await mkdir(join(directory, part), { recursive: true })
  await writeFile(join(directory, 'fs/inotify/max_user_instances'), '128\n')
  await writeFile(join(directory, 'fs/inotify/max_user_watches'), '1048576\n')
})
afterEach(async () => await rm(directory, { recursive: true }))

const raise = async (isRoot: boolean, env: NodeJS.ProcessEnv = {}): Promise<void> => {
  await raiseKernelLimits({ host: { isRoot }, env, report: (line) => lines.push(line), directory })
}
const instances = async (): Promise<string> => await readFile(join(directory, 'fs/inotify/max_user_instances'), 'utf8')

it('raises what is too low, leaves what is higher, and says what it has done', async () => {
  await raise(true)
  expect(await instances()).toBe('1024')
  expect(await readFile(join(directory, 'fs/inotify/max_user_watches'), 'utf8')).toBe('1048576\n')
  expect(lines).toEqual(['fs.inotify.max_user_instances raised from 128 to 1024 until the next boot'])
})

it('only says what to do where it may not', async () => {
  await raise(false)
  expect(await instances()).toBe('128\n')
  expect(lines).toEqual(['fs.inotify.max_user_instances is 128; for many projects at once run: sysctl -w fs.inotify.max_user_instances=1024'])
})

it('leaves this machine alone when the Engine is on another', async () => {
  await raise(true, { DOCKER_HOST: 'tcp://example.org:2376' })
  expect(await instances()).toBe('128\n')
  expect(lines).toEqual([])
})
