import { once } from 'node:events'
import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cloneInto } from '../../../src/projects/git/clone/clone.ts'
import type { CloneProgress } from '../../../src/projects/git/clone/progress.ts'
import { discard } from '../../../src/projects/git/clone/staging.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { buildAgent } from '../../support/agent-binary.ts'
import { startConnectedAgent } from '../../support/connected-agent.ts'
import { startGitServer, type GitServer } from '../../support/git-server.ts'

// With a real agent and a real git, but not in a sandbox.
let server: GitServer
let binary: string
let root: string
let agent: AgentConnection
let exited: Promise<unknown>
let progress: CloneProgress[]

const MIB = 2 ** 20
const FILES = { 'README.md': 'hello', 'bin/run': { program: '#!/bin/sh\n' }, 'dir/file with blank': 'x', passwd: { link: '/etc/passwd' } }

beforeAll(async () => {
  binary = await buildAgent('agent')
  server = await startGitServer()
}, 60_000)
afterAll(async () => await server.stop())
beforeEach(async () => {
  progress = []
  root = await mkdtemp(path.join(tmpdir(), 'berth-clone-'))
  await connect()
})
afterEach(async () => {
  agent.close()
  await exited
  await rm(root, { recursive: true })
})

async function connect (): Promise<void> {
  ({ connection: agent, exited } = await startConnectedAgent({ binary, root, cgroup: '/nonexistent' }))
}

async function clone (url: string, { ref = null, timeoutMs = 20_000, sizeBytes = 64 * MIB, signal = new AbortController().signal }: {
  ref?: string | null
  timeoutMs?: number
  sizeBytes?: number
  signal?: AbortSignal
} = {}): Promise<string | null> {
  const place = { agent, wasOomKilled: async () => false, env: { PATH: process.env.PATH ?? '', HOME: root } }
  const onProgress = (one: CloneProgress): void => { progress.push(one) }
  return await cloneInto(place, { url, ref }, { limits: { timeoutMs, sizeBytes }, onProgress }, signal)
}

const content = async (name: string): Promise<string> => await readFile(path.join(root, name), 'utf8')
const names = async (): Promise<string[]> => (await readdir(root)).sort()

describe('a clone', () => {
  it('brings the newest files, with modes, links as links and nothing else in the directory', async () => {
    const [, newest] = await server.create('plain', { 'README.md': 'old' }, FILES)
    expect(await clone(server.urlOf('plain'))).toBe(newest)
    expect(await names()).toEqual(['.git', 'README.md', 'bin', 'dir', 'passwd'])
    expect(await content('README.md')).toBe('hello')
    expect((await lstat(path.join(root, 'bin/run'))).mode & 0o777).toBe(0o755)
    expect(await readlink(path.join(root, 'passwd'))).toBe('/etc/passwd')
    expect(await content('.git/HEAD')).toBe('ref: refs/heads/main\n')
    expect(await content('.git/shallow')).toBe(`${newest}\n`)
    expect(await readdir(path.join(root, '.git'))).not.toContain('hooks')
    expect(progress.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['counting', 'receiving']))
    expect(progress).toContainEqual({ stage: 'receiving', percent: 100, message: expect.stringMatching(/^Receiving objects: 100%/) })
  })

  it('takes a branch, a tag and a commit', async () => {
    const [first, second, third] = await server.create('refs', { a: '1' }, { a: '2' }, { a: '3' }) as [string, string, string]
    await server.git('refs', 'branch', 'feature/one', first)
    await server.git('refs', 'tag', '--annotate', '--message', 'x', 'v1', second)
    for (const [ref, commit, a, head] of [
      ['feature/one', first, '1', /^ref: refs\/heads\/feature\/one$/m],
      ['v1', second, '2', second],
      [third, third, '3', third],
      [first, first, '1', first]
    ] as const) {
      expect(await clone(server.urlOf('refs'), { ref })).toBe(commit)
      expect([ref, await content('a'), await content('.git/HEAD')]).toEqual([ref, a, expect.stringMatching(head)])
      await Promise.all((await names()).map(async (name) => await rm(path.join(root, name), { recursive: true })))
    }
  })

  it('follows no submodules', async () => {
    await server.create('part', { secret: 'x' })
    await server.create('whole', { a: '1' })
    await server.git('whole', '-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', server.urlOf('part'), 'part')
    await server.git('whole', 'commit', '--quiet', '--message', 'with a part')
    await clone(server.urlOf('whole'))
    expect(await readdir(path.join(root, 'part'))).toEqual([])
    expect(await content('.gitmodules')).toMatch(/submodule/)
  })

  it('of an empty repository has no commit', async () => {
    await server.create('empty')
    expect(await clone(server.urlOf('empty'))).toBeNull()
    expect(await names()).toEqual(['.git'])
  })

  it('heeds no configuration in the home directory', async () => {
    await server.create('home', { a: '1' })
    await writeFile(path.join(root, '.gitconfig'), `[url "file:///nowhere/"]\n  insteadOf = http://\n[core]\n  hooksPath = ${root}`)
    await writeFile(path.join(root, 'post-checkout'), '#!/bin/sh\ntouch "$HOME/was-run"\n', { mode: 0o755 })
    await clone(server.urlOf('home'))
    expect(await names()).toEqual(['.git', '.gitconfig', 'a', 'post-checkout'])
  })
})

describe('a clone that fails', () => {
  beforeAll(async () => { await server.create('there', { a: '1' }) })

  async function failure (url: string, options: Parameters<typeof clone>[1] = {}): Promise<string> {
    const error = await clone(url, options).then(() => { throw new Error('it was cloned') }, (error: Error) => error)
    expect(error.name).toBe('CloneFailedError')
    await discard(agent, new AbortController().signal)
    expect(await names()).toEqual([])
    return error.message
  }

  it.each([
    ['there is no repository', 'nowhere', null, /no repository at this address/],
    ['it wants credentials', 'private', null, /private, or not there/],
    ['there is no branch', 'there', 'nowhere', /no branch or tag "nowhere"/],
    ['there is no such commit', 'there', 'a'.repeat(40), /no branch or tag "a+"/]
  ])('says so: %s', async (_what, name, ref, message) => {
    expect(await failure(server.urlOf(name), { ref })).toMatch(message)
  })

  it('says that nobody listens', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await once(nobody, 'listening')
    const { port } = nobody.address() as AddressInfo
    nobody.close()
    expect(await failure(`http://127.0.0.1:${port}/a`)).toBe('The host cannot be reached')
  })

  it('reads no local repository, however it is asked', async () => {
    expect(await failure(`file://${root}`)).toMatch(/transport 'file' not allowed/)
    expect(await failure('ext::touch was-run')).toMatch(/transport 'ext' not allowed/)
  })

  it('ends at its time limit when the server does not answer', async () => {
    const hold = server.hold('there')
    expect(await failure(server.urlOf('there'), { timeoutMs: 300 })).toBe('The clone took longer than 0.3 s')
    hold.release()
  })

  it('ends when the files do not fit', async () => {
    const noise = Array.from({ length: 2 * MIB / 8 }, (_, n) => Math.imul(n, 2_654_435_761).toString(16)).join('')
    await server.create('large', { noise })
    expect(await failure(server.urlOf('large'), { sizeBytes: MIB })).toBe(`The repository does not fit into the ${MIB} bytes that a project can have`)
  })

  it('leaves what somebody has put there meanwhile', async () => {
    await writeFile(path.join(root, 'a'), 'mine')
    await expect(clone(server.urlOf('there'))).rejects.toThrow('The repository has "a", and the project has got one meanwhile')
    await discard(agent, new AbortController().signal)
    expect([await names(), await content('a')]).toEqual([['a'], 'mine'])
  })

  it('ends with the signal, and git with it', async () => {
    const hold = server.hold('there')
    const stopping = new AbortController()
    const cloning = clone(server.urlOf('there'), { signal: stopping.signal })
    await hold.reached
    stopping.abort(new Error('enough'))
    await expect(cloning).rejects.toThrow('enough')
    hold.release()
  })
})

describe('after a crash', () => {
  it('in the middle of git, a clone begins anew', async () => {
    await server.create('again', { a: '1' })
    const hold = server.hold('again')
    const cloning = clone(server.urlOf('again'))
    await hold.reached
    agent.close()
    await expect(cloning).rejects.toMatchObject({ name: 'AgentLostError' })
    await exited
    hold.release()
    expect(await names()).toEqual(['.berth-clone'])
    await connect()
    await clone(server.urlOf('again'))
    expect([await names(), await content('a')]).toEqual([['.git', 'a'], '1'])
  })

  it('in the middle of moving a complete one into place, the rest follows and nothing is asked of the server', async () => {
    const [commit] = await server.create('half', { a: '1', b: '2' })
    await clone(server.urlOf('half'))
    await mkdir(path.join(root, '.berth-cloned'))
    await writeFile(path.join(root, '.berth-cloned/c'), '3')
    expect(await clone('http://127.0.0.1:1/nowhere')).toBe(commit)
    expect([await names(), await content('c')]).toEqual([['.git', 'a', 'b', 'c'], '3'])
  })
})
