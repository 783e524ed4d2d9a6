import { describe, expect, it } from 'vitest'
import { CommandError, runCommand } from '../../../src/setup/command.ts'
import { findProgram, isDebianFamily } from '../../../src/setup/host.ts'
import { createPackages, ensureTestPackages, SetupError } from '../../../src/setup/packages.ts'

it.each([
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', true],
  ['ID=ubuntu\nID_LIKE=debian\n', true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['ID=fedora\n', false],
  ['NAME="Not debian"\nID=alpine\n', false],
  ['', false]
])('knows a Debian by its os-release %j', (release, expected) => {
  expect(isDebianFamily(release)).toBe(expected)
})

it('finds programs in PATH, and in the sbin directories that it may lack', async () => {
  expect(await findProgram('sh', '/nowhere:/bin')).toBe('/bin/sh')
  expect(await findProgram('ldconfig', '')).toMatch(/\/sbin\/ldconfig$/)
  expect(await findProgram('no-such-program', '/bin')).toBeUndefined()
})

describe('runCommand', () => {
  const env = { PATH: process.env['PATH'] }

  it('reports both outputs line by line', async () => {
    const lines: string[] = []
    await runCommand('sh', ['-c', 'printf "a\\nb"; printf "c\\n" >&2'], { env, onLine: (line) => lines.push(line) })
    expect(lines.sort()).toEqual(['a', 'b', 'c'])
  })

  it.each([
    ['fails', ['-c', 'echo why; exit 3'], /exit code 3\nwhy$/],
    ['is killed', ['-c', 'kill -9 $$'], /SIGKILL$/]
  ])('says how a command %s', async (_, args, message) => {
    await expect(runCommand('sh', args, { env })).rejects.toThrow(message)
  })

  it('says that there is no such program', async () => {
    await expect(runCommand('no-such-program', [], { env })).rejects.toThrow(CommandError)
  })

  it('ends with the interruption\'s reason', async () => {
    const interrupt = new AbortController()
    const running = runCommand('sh', ['-c', 'echo up; exec sleep 60'], { env, signal: interrupt.signal, onLine: () => interrupt.abort(new Error('interrupted')) })
    await expect(running).rejects.toThrow('interrupted')
  })
})

describe('packages', () => {
  const install = async (host: { isRoot: boolean, isDebian: boolean }): Promise<string[]> => {
    const commands: string[] = []
    const run = async (file: string, args: readonly string[]): Promise<void> => { commands.push([file, ...args].join(' ')) }
    await createPackages({ host: { ...host, hasSystemd: false }, env: {}, run, onLine: () => {} }).install(['gcc'], 'A compiler is missing')
    return commands
  }

  it('are installed as root on a Debian', async () => {
    const [update, installation] = await install({ isRoot: true, isDebian: true })
    expect(update).toBe('apt-get update')
    expect(installation).toMatch(/^apt-get install -y --no-install-recommends .*gcc$/)
  })

  it.each([
    ['as another user', { isRoot: false, isDebian: true }, 'A compiler is missing: run as root, or: sudo apt-get install gcc'],
    ['on another system', { isRoot: true, isDebian: false }, 'A compiler is missing: install what Debian calls gcc']
  ])('are asked for %s', async (_, host, message) => {
    await expect(install(host)).rejects.toThrow(new SetupError(message))
  })

  it('for the tests take any browser that is there', async () => {
    const installed: string[] = []
    const packages = { install: async (names: readonly string[]) => { installed.push(...names) } }
    await ensureTestPackages(packages, async (name) => !name.startsWith('chromium'))
    expect(installed).toEqual([])
    await ensureTestPackages(packages, async (name) => !/^(chromium|google-chrome)/.test(name))
    expect(installed).toEqual(['chromium', 'fonts-dejavu-core'])
  })

  it('for the tests are installed only when a program is missing', async () => {
    const installed: string[] = []
    const packages = { install: async (names: readonly string[]) => { installed.push(...names) } }
    await ensureTestPackages(packages, async () => true)
    expect(installed).toEqual([])
    await ensureTestPackages(packages, async (name) => name !== 'openssl')
    expect(installed).toEqual(['openssl'])
  })
})
