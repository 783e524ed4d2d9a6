import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commit, discard, initRepository, stage, unstage } from '../../../src/projects/git/repository/changes.ts'
import { createBranch, deleteBranch } from '../../../src/projects/git/repository/branches.ts'
import { abortMerge, pull, push, type Access } from '../../../src/projects/git/repository/exchange.ts'
import { createGit, type Git } from '../../../src/projects/git/repository/git.ts'
import { readBranches, readDiff, readLog, readStatus } from '../../../src/projects/git/repository/reading.ts'
import { addRemote, listRemotes } from '../../../src/projects/git/repository/remotes.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { buildAgent } from '../../support/agent-binary.ts'
import { startConnectedAgent } from '../../support/connected-agent.ts'

// With a real agent and a real git, but not in a sandbox.
let binary: string
let root: string
let agent: AgentConnection
let exited: Promise<unknown>
let git: Git

const ME = { name: 'Me', email: 'me@example.org' }
const access: Access = { timeoutMs: 20_000, credentialFor: async () => ({}) }

beforeAll(async () => { binary = await buildAgent('agent') }, 60_000)
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'berth-git-'))
  ;({ connection: agent, exited } = await startConnectedAgent({ binary, root, cgroup: '/nonexistent' }))
  git = open()
})
afterEach(async () => {
  agent.close()
  await exited
  await rm(root, { recursive: true })
})

function open ({ PATH = process.env.PATH ?? '', directory, signal = new AbortController().signal }: { PATH?: string, directory?: string, signal?: AbortSignal } = {}): Git {
  return createGit({ agent, wasOomKilled: async () => false, env: { PATH, HOME: root }, directory }, signal)
}

const write = async (name: string, content: string): Promise<void> => {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true })
  await writeFile(path.join(root, name), content)
}
const states = async (at = git): Promise<Record<string, string>> => Object.fromEntries((await readStatus(at)).entries.map(({ path, index, worktree }) => [path, `${index} ${worktree}`]))

/** Whatever it is asked, it does this. */
async function standIn (script: string): Promise<Git> {
  await write('bin/git', `#!/bin/sh\n${script}\n`)
  await chmod(path.join(root, 'bin/git'), 0o755)
  return open({ PATH: `${root}/bin:${process.env.PATH}` })
}

async function begin (files: Record<string, string> = { a: '1\n' }): Promise<void> {
  await initRepository(git, 'main')
  for (const [name, content] of Object.entries(files)) await write(name, content)
  await stage(git, ['/'])
  await commit(git, { message: 'first' }, ME)
}

describe('git', () => {
  it('that is not there says so', async () => {
    await expect(readStatus(open({ PATH: root }))).rejects.toMatchObject({ code: 'GIT_UNAVAILABLE' })
  })

  it('that is another program is not believed', async () => {
    for (const [read, printed] of [[readStatus, 'x\\0'], [readLog, 'x\\0'], [readBranches, 'x\\0\\0\\0\\0\\0\\0\\0'], [readDiff, '1\\0']] as const) {
      await expect(read(await standIn(`printf '${printed}'`), {})).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('does not print what git prints') })
    }
  })

  it('that prints without end is ended: what can be cut off is, everything else has failed', async () => {
    const flood = await standIn('yes "? some file" | tr "\\n" "\\0"')
    const { entries, isTruncated } = await readStatus(flood)
    expect([entries.length, isTruncated]).toEqual([10_000, true])
    await expect(stage(flood, ['/'])).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('printed more than') })
    await expect(readStatus(await standIn('yes >&2'))).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('printed more than') })
  })

  it('that takes too long is ended, and so is one whose client has gone', async () => {
    const slow = await standIn('touch "$HOME/begun"; sleep 1000')
    await expect(slow.run(['status'], { timeoutMs: 100 })).rejects.toMatchObject({ code: 'GIT_TIMEOUT' })
    const leaving = new AbortController()
    const running = open({ PATH: `${root}/bin:${process.env.PATH}`, signal: leaving.signal }).run(['status'])
    leaving.abort(new Error('gone'))
    await expect(running).rejects.toThrow('gone')
  })

  it('gets names by its input, whatever they are', async () => {
    await begin()
    const names = ['-rf', ':(glob)*', ':!a', 'a\nb', '*']
    for (const name of names) await write(name, '1')
    for (const name of names) {
      await stage(git, [name])
      expect((await states())[name], JSON.stringify(name)).toBe('added unmodified')
      await unstage(git, [name])
    }
    expect(Object.values(await states())).toEqual(names.map(() => 'untracked untracked'))
    await discard(git, ['*', '-rf'], { untracked: true })
    expect(Object.keys(await states()).sort()).toEqual([':!a', ':(glob)*', 'a\nb'])
    expect(await readFile(path.join(root, 'a'), 'utf8')).toBe('1\n')
  })

  it('stops at a conflict, which can be taken back', async () => {
    await begin()
    await createBranch(git, { name: 'other', checkout: true })
    await write('a', 'other\n')
    await commit(git, { message: 'other', all: true }, ME)
    await git.run(['checkout', '--quiet', 'main', '--'])
    await write('a', 'mine\n')
    await commit(git, { message: 'mine', all: true }, ME)
    await git.run(['remote', 'add', 'here', '.'])
    for (const strategy of ['merge', 'rebase'] as const) {
      await expect(pull(git, access, { remote: 'here', branch: 'other', strategy }, ME)).rejects.toMatchObject({ code: 'GIT_CONFLICT' })
      expect((await readStatus(git)).entries).toMatchObject([{ path: 'a', conflict: 'both_modified' }])
      expect((await readDiff(git, {})).patch).toContain('<<<<<<<')
      await abortMerge(git)
      expect(await states()).toEqual({})
    }
    await expect(abortMerge(git)).rejects.toMatchObject({ code: 'GIT_FAILED' })
    await expect(pull(git, access, { remote: 'here', branch: 'other' }, ME)).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('strategy') })
    await expect(deleteBranch(git, 'other', { force: false })).rejects.toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('not fully merged') })
  })

  it('pushes to a bare repository and pulls from it into an empty one', async () => {
    await begin()
    await git.run(['init', '--quiet', '--bare', 'bare'])
    await git.run(['remote', 'add', 'origin', `${root}/bare`])
    expect((await push(git, access, { setUpstream: true })).refs).toMatchObject([{ to: 'refs/heads/main', result: 'new' }])
    expect((await push(git, access, {})).refs).toMatchObject([{ result: 'up_to_date' }])
    await mkdir(path.join(root, 'clone'))
    const clone = open({ directory: 'clone' })
    await initRepository(clone, 'main')
    await clone.run(['remote', 'add', 'origin', `${root}/bare`])
    const { before, commit: pulled } = await pull(clone, access, {}, ME)
    expect([before, pulled]).toEqual([null, (await readLog(git, {})).commits[0]?.commit])
    expect((await readBranches(clone)).branches.map(({ name }) => name)).toEqual(['main', 'origin/main'])
    await write('clone/a', '2\n')
    await commit(clone, { message: 'second', all: true }, ME)
    await push(clone, access, {})
    await commit(git, { message: 'mine', allowEmpty: true }, ME)
    await expect(push(git, access, {})).rejects.toMatchObject({ code: 'GIT_REJECTED' })
    await pull(git, access, { strategy: 'rebase' }, ME)
    expect((await readLog(git, {})).commits.map(({ message }) => message)).toEqual(['mine', 'second', 'first'])
  })

  it('is told of remotes by names and addresses that are neither options nor commands', async () => {
    await begin()
    await addRemote(git, 'origin', 'https://example.org/a')
    expect(await listRemotes(git)).toEqual([{ name: 'origin', url: 'https://example.org/a', pushUrl: null }])
    await expect(addRemote(git, 'x', 'ext::sh -c true')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await git.run(['config', 'remote.evil.url', `ext::touch ${root}/ran`])
    await expect(pull(git, access, { remote: 'evil' }, ME)).rejects.toMatchObject({ code: 'GIT_FAILED' })
    await git.run(['config', 'branch.main.remote', '--upload-pack=touch ran'])
    await git.run(['config', 'branch.main.merge', 'refs/heads/main'])
    await expect(pull(git, access, {}, ME)).rejects.toMatchObject({ code: 'GIT_FAILED' })
    await expect(readFile(path.join(root, 'ran'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
