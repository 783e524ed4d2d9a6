import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'

interface Entry { path: string, from: string | null, index: string, worktree: string, conflict: string | null }
interface Status { branch: { name: string | null, commit: string | null, upstream: string | null, ahead: number | null, behind: number | null }, entries: Entry[], truncated: boolean }
interface Commit { commit: string, parents: string[], author: { name: string, email: string, at: string }, committer: { name: string, email: string }, message: string }
interface Refusal { code: string, message: string }

let berth: Berth
let user: User
let email: string
let id: string
let directory: string
let made = 0

beforeAll(async () => {
  berth = await startProjectsBerth()
  user = await signUp(berth.origin)
  ;({ user: { email } } = (await user.call<{ user: { email: string } }>('GET', '/auth/me')).body)
  ;({ id } = await user.createProject())
})
afterAll(async () => {
  await user.remove(id)
  await berth.stop()
})
beforeEach(async () => {
  directory = `r${++made}`
  await shell('true', '/')
})

async function shell (line: string, at = directory): Promise<string> {
  const prepared = at === '/' ? `mkdir -p ${directory}; ${line}` : line
  const { output, error, exitCode } = await user.exec(id, prepared, at === '/' ? {} : { cwd: at })
  if (exitCode !== 0) throw new Error(error)
  return output
}

const call = async <T = Status & Refusal>(method: string, path: string, body?: object) =>
  await user.call<T>(method, `/projects/${id}/git/${path}${path.includes('?') ? '&' : '?'}directory=${directory}`, body)
const status = async (query = ''): Promise<Status> => (await call('GET', `status${query}`)).body
const states = ({ entries }: Status): Record<string, string> => Object.fromEntries(entries.map(({ path, index, worktree }) => [path, `${index} ${worktree}`]))
const commit = async (body: object): Promise<{ status: number, body: Commit & Refusal }> => await call<Commit & Refusal>('POST', 'commit', body)

async function begin (files: Record<string, string> = { a: '1\n' }): Promise<Commit> {
  await call('POST', 'init', {})
  for (const [name, content] of Object.entries(files)) await user.exec(id, ['sh', '-c', 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"', 'sh', `${directory}/${name}`, content])
  await call('POST', 'stage', { paths: ['/'] })
  return (await commit({ message: 'first' })).body
}

describe('the repository of a project', () => {
  it('is not there at first, is made, and then has a branch without a commit', async () => {
    expect(await call('GET', 'status')).toMatchObject({ status: 404, body: { code: 'REPOSITORY_NOT_FOUND' } })
    expect((await call('POST', 'init', { branch: 'trunk' })).body).toEqual({ branch: { name: 'trunk', commit: null, upstream: null, ahead: null, behind: null }, entries: [], truncated: false })
    expect((await call<{ commits: [] }>('GET', 'log')).body).toEqual({ commits: [], nextCursor: null })
    expect((await call<{ branches: [] }>('GET', 'branches')).body).toEqual({ branches: [], truncated: false })
    expect((await call('POST', 'init', {})).status).toBe(200)
  })

  it('is not one further up', async () => {
    await shell('git init -q outer && mkdir outer/inner')
    directory += '/outer/inner'
    expect(await call('GET', 'status')).toMatchObject({ status: 404, body: { code: 'REPOSITORY_NOT_FOUND' } })
  })

  it('takes commits of what is staged, by the account', async () => {
    const first = await begin({ a: '1\n', 'sub/b': '1\n' })
    expect(first).toMatchObject({ parents: [], message: 'first', author: { name: email, email }, committer: { email } })
    expect(await status()).toMatchObject({ branch: { name: 'main', commit: first.commit }, entries: [] })
    await shell('echo 2 > a; rm sub/b; echo new > c')
    expect(states(await status())).toEqual({ a: 'unmodified modified', 'sub/b': 'unmodified deleted', c: 'untracked untracked' })
    expect(states((await call('POST', 'stage', { paths: ['a', 'sub'] })).body)).toEqual({ a: 'modified unmodified', 'sub/b': 'deleted unmodified', c: 'untracked untracked' })
    expect(states((await call('POST', 'unstage', { paths: ['sub/b'] })).body)).toMatchObject({ 'sub/b': 'unmodified deleted' })
    const { status: code, body: second } = await commit({ message: 'second\n\n# kept', author: { name: 'Ada', email: 'ada@example.org' } })
    expect([code, second]).toMatchObject([201, { parents: [first.commit], message: 'second\n\n# kept', author: { name: 'Ada', email: 'ada@example.org' }, committer: { email } }])
    const { body: amended } = await commit({ amend: true, all: true })
    expect(amended).toMatchObject({ parents: [first.commit], author: { name: 'Ada' }, message: 'second\n\n# kept' })
    expect(states(await status())).toEqual({ c: 'untracked untracked' })
    expect(await commit({ message: 'nothing' })).toMatchObject({ status: 409, body: { code: 'GIT_FAILED', message: expect.stringContaining('nothing to commit') } })
    expect((await commit({ message: 'empty', allowEmpty: true })).status).toBe(201)
  })

  it('has its history in pages, which stay as they were', async () => {
    await begin()
    for (const message of ['second', 'third']) await commit({ message, allowEmpty: true })
    const { body: page } = await call<{ commits: Commit[], nextCursor: string }>('GET', 'log?limit=2')
    await commit({ message: 'fourth', allowEmpty: true })
    const { body: next } = await call<{ commits: Commit[], nextCursor: string | null }>('GET', `log?limit=2&cursor=${page.nextCursor}`)
    expect([...page.commits, ...next.commits].map(({ message }) => message)).toEqual(['third', 'second', 'first'])
    expect(next.nextCursor).toBeNull()
    expect((await call<{ commits: Commit[] }>('GET', 'log?path=a')).body.commits.map(({ message }) => message)).toEqual(['first'])
    expect(await call('GET', 'log?cursor=eHg')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
    expect(await call('GET', 'log?ref=nowhere')).toMatchObject({ status: 404, body: { code: 'REF_NOT_FOUND' } })
  })

  it('shows what is changed, staged, and of a commit', async () => {
    const { commit: first } = await begin({ a: '1\n', old: 'the same\nlines\nof text\n' })
    await shell('echo 2 >> a; git mv old new; printf "\\0" > bin; git add bin')
    const diff = async (query: string) => (await call<{ files: object[], patch: string, truncated: boolean }>('GET', `diff?${query}`)).body
    expect(await diff('context=0')).toEqual({ files: [{ path: 'a', from: null, additions: 1, deletions: 0 }], patch: expect.stringContaining('@@ -1,0 +2 @@\n+2\n'), truncated: false })
    expect((await diff('staged=true')).files).toEqual([{ path: 'bin', from: null, additions: null, deletions: null }, { path: 'new', from: 'old', additions: 0, deletions: 0 }])
    expect((await diff(`commit=${first}`)).files).toMatchObject([{ path: 'a', additions: 1 }, { path: 'old', additions: 3 }])
    expect((await diff('commit=HEAD&path=a')).files).toMatchObject([{ path: 'a' }])
    await shell('yes "a long line" | head -c 3000000 > a')
    expect(await diff('')).toMatchObject({ files: [{ path: 'a' }], truncated: true })
  })

  it('gives files back as they are staged, and deletes new ones only if asked to', async () => {
    await begin({ a: '1\n', 'sub/b': '1\n', c: '1\n' })
    await shell('echo 2 | tee a sub/b c; mkdir d; echo new | tee d/e; echo staged > c; git add c; echo 3 > c')
    expect(states((await call('POST', 'discard', { paths: ['sub/', 'c', 'd'] })).body)).toEqual({ a: 'unmodified modified', c: 'modified unmodified', 'd/': 'untracked untracked' })
    expect(await shell('cat c')).toBe('staged\n')
    expect(states((await call('POST', 'discard', { paths: ['/'], untracked: true })).body)).toEqual({ c: 'modified unmodified' })
  })

  it('has branches', async () => {
    const { commit: first } = await begin()
    expect(await call('POST', 'branches', { name: 'feature/a', checkout: true })).toMatchObject({ status: 201, body: { name: 'feature/a', isCurrent: true, commit: first } })
    await shell('echo 2 > a')
    await commit({ message: 'second', all: true })
    expect(await call('POST', 'branches', { name: 'other', from: 'main' })).toMatchObject({ status: 201, body: { isCurrent: false, commit: first } })
    expect(await call('POST', 'branches', { name: 'other' })).toMatchObject({ status: 409, body: { message: expect.stringContaining('already exists') } })
    expect(await call('POST', 'branches', { name: 'x', from: 'nowhere' })).toMatchObject({ status: 404, body: { code: 'REF_NOT_FOUND' } })
    const { body } = await call<{ branches: Array<{ name: string, isCurrent: boolean, subject: string }> }>('GET', 'branches')
    expect(body.branches.map(({ name, isCurrent, subject }) => [name, isCurrent, subject])).toEqual([['feature/a', true, 'second'], ['main', false, 'first'], ['other', false, 'first']])
    expect((await call('POST', 'checkout', { ref: 'main' })).body.branch).toMatchObject({ name: 'main', commit: first })
    expect(await call('DELETE', 'branches/feature/a')).toMatchObject({ status: 409, body: { message: expect.stringContaining('not fully merged') } })
    expect((await call('DELETE', 'branches/feature/a?force=true')).status).toBe(204)
    expect(await call('DELETE', 'branches/feature/a')).toMatchObject({ status: 404, body: { code: 'REF_NOT_FOUND' } })
    expect((await call('POST', 'checkout', { ref: first })).body.branch).toMatchObject({ name: null, commit: first })
    expect(await call('POST', 'checkout', { ref: 'nowhere' })).toMatchObject({ status: 404, body: { code: 'REF_NOT_FOUND' } })
  })

  it('keeps changes that a checkout would lose', async () => {
    await begin()
    await call('POST', 'branches', { name: 'other', checkout: true })
    await shell('echo 2 > a')
    await commit({ message: 'second', all: true })
    await shell('echo 3 > a')
    expect(await call('POST', 'checkout', { ref: 'main' })).toMatchObject({ status: 409, body: { code: 'GIT_FAILED', message: expect.stringContaining('overwritten') } })
    expect(await shell('cat a')).toBe('3\n')
  })
})

describe('names', () => {
  it('can be anything that a file can be called', async () => {
    await begin()
    const names = ['-rf', ':(glob)*', ':!a', 'a\nb', '*', 'ü', ' ']
    await user.exec(id, ['python3', '-c', 'import sys\nfor name in sys.argv[1:]: open(name, "w").write("1")\nopen(b"\\xff", "w").write("1")', ...names], { cwd: directory })
    for (const path of [...names, '\udcff']) {
      expect(states((await call('POST', 'stage', { paths: [path] })).body)[path], JSON.stringify(path)).toBe('added unmodified')
    }
    expect(states(await status())).not.toHaveProperty('a')
    await call('POST', 'unstage', { paths: ['*'] })
    expect(states(await status())).toMatchObject({ '*': 'untracked untracked', 'a\nb': 'added unmodified' })
    await commit({ message: 'names' })
    await user.exec(id, ['python3', '-c', 'import os\nfor name in [b"\\xff", b"-rf"]: open(name, "w").write("2")'], { cwd: directory })
    expect(states((await call('POST', 'discard', { paths: ['\udcff', '-rf'] })).body)).toEqual({ '*': 'untracked untracked' })
    expect((await call<{ files: object[] }>('GET', `diff?commit=HEAD&path=${encodeURIComponent(':!a')}`)).body.files).toMatchObject([{ path: ':!a' }])
    expect((await call('POST', 'discard', { paths: ['*'], untracked: true })).body.entries).toEqual([])
    expect(await shell('ls')).toContain('a\n')
  })

  it.each<[string, string, object | undefined, number, string]>([
    ['POST', 'stage', { paths: ['../x'] }, 400, 'BAD_PATH'], ['POST', 'stage', { paths: ['/etc'] }, 400, 'BAD_PATH'], ['POST', 'stage', { paths: ['a\0b'] }, 400, 'BAD_PATH'],
    ['POST', 'stage', { paths: ['.berth-x'] }, 400, 'BAD_PATH'], ['POST', 'stage', { paths: [] }, 400, 'VALIDATION_FAILED'], ['POST', 'stage', {}, 400, 'VALIDATION_FAILED'],
    ['POST', 'stage', { paths: ['nowhere'] }, 409, 'GIT_FAILED'], ['POST', 'unstage', { paths: 'a' }, 400, 'VALIDATION_FAILED'], ['POST', 'discard', { paths: ['\ud800'] }, 400, 'BAD_PATH'],
    ['POST', 'discard', { paths: ['\udcff'], untracked: true }, 400, 'BAD_PATH'], ['GET', 'diff?path=..', undefined, 400, 'BAD_PATH'], ['GET', 'diff?commit=--output=x', undefined, 400, 'BAD_REQUEST'],
    ['GET', 'diff?context=-1', undefined, 400, 'VALIDATION_FAILED'], ['GET', 'log?ref=HEAD..main', undefined, 400, 'BAD_REQUEST'], ['GET', 'log?limit=201', undefined, 400, 'VALIDATION_FAILED'],
    ['GET', 'status?untracked=some', undefined, 400, 'VALIDATION_FAILED'], ['POST', 'init', { branch: '-x' }, 400, 'BAD_REQUEST'], ['POST', 'branches', { name: 'a..b' }, 400, 'BAD_REQUEST'],
    ['POST', 'branches', { name: 'HEAD' }, 400, 'BAD_REQUEST'], ['POST', 'branches', { name: 'x', from: '-d' }, 400, 'BAD_REQUEST'], ['DELETE', 'branches/-D', undefined, 400, 'BAD_REQUEST'],
    ['POST', 'checkout', { ref: '--orphan' }, 400, 'BAD_REQUEST'], ['POST', 'checkout', {}, 400, 'VALIDATION_FAILED'], ['POST', 'commit', {}, 400, 'BAD_REQUEST'],
    ['POST', 'commit', { message: 'a\0b' }, 400, 'BAD_REQUEST'], ['POST', 'commit', { message: '\ud800' }, 400, 'BAD_REQUEST'], ['POST', 'commit', { message: 'x', author: { name: 'a<', email: 'b' } }, 400, 'VALIDATION_FAILED'],
    ['POST', 'commit', { message: 'x', author: { name: 'a', email: 'b\nc' } }, 400, 'VALIDATION_FAILED'], ['POST', 'abort', {}, 409, 'GIT_FAILED'], ['POST', 'remotes', { name: '-x', url: 'https://example.org' }, 400, 'VALIDATION_FAILED'],
    ['POST', 'remotes', { name: 'x', url: 'ext::sh -c true' }, 400, 'BAD_REQUEST'], ['POST', 'remotes', { name: 'x', url: 'https://me:secret@example.org/a' }, 400, 'BAD_REQUEST'],
    ['DELETE', 'remotes/nowhere', undefined, 404, 'REMOTE_NOT_FOUND'], ['POST', 'fetch', { remote: 'nowhere' }, 404, 'REMOTE_NOT_FOUND'], ['POST', 'pull', { branch: '..' }, 400, 'BAD_REQUEST'],
    ['POST', 'pull', { strategy: 'theirs' }, 400, 'VALIDATION_FAILED'], ['POST', 'push', { remote: '../x' }, 400, 'VALIDATION_FAILED'], ['POST', 'push', { branch: '+main' }, 404, 'REMOTE_NOT_FOUND']
  ])('%s %s %j is refused', async (method, path, body, statusCode, code) => {
    await call('POST', 'init', {})
    expect(await call(method, path, body)).toMatchObject({ status: statusCode, body: { code } })
  })

  it.each<[string, string]>([['..', 'BAD_PATH'], ['/etc', 'BAD_PATH'], ['nowhere', 'BAD_PATH']])('a directory %s is refused', async (at, code) => {
    directory = at
    expect(await call('GET', 'status')).toMatchObject({ status: 400, body: { code } })
  })
})

describe('a repository that means no good', () => {
  it('runs nothing for a status, a diff or a log', async () => {
    await begin({ a: '1\n', '.gitattributes': '* diff=evil\n' })
    const settings = { 'core.fsmonitor': 'touch ran; sleep 1000', 'core.pager': 'touch ran', 'diff.external': 'touch ran', 'diff.evil.textconv': 'touch ran; cat', 'diff.evil.command': 'touch ran', 'color.ui': 'always', 'log.showSignature': 'true', 'diff.noprefix': 'true', 'status.branch': 'false' }
    for (const [name, value] of Object.entries(settings)) await user.exec(id, ['git', 'config', name, value], { cwd: directory })
    await user.exec(id, 'printf "2\\n" > a', { cwd: directory })
    expect(states(await status())).toEqual({ a: 'unmodified modified' })
    expect((await call<{ patch: string }>('GET', 'diff')).body.patch).toContain('--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n')
    expect((await call<{ commits: object[] }>('GET', 'log')).body.commits).toHaveLength(1)
    expect(states((await call('POST', 'stage', { paths: ['a'] })).body)).toEqual({ a: 'modified unmodified' })
    expect(await shell('ls')).toBe('a\n')
  })

  it('has hooks, whose words are told, and which cannot flood', async () => {
    await begin()
    await shell('printf "#!/bin/sh\\necho \\"no tests\\" >&2; exit 1\\n" > .git/hooks/pre-commit; mkdir -p .git/hooks; chmod +x .git/hooks/pre-commit'.replace('printf', 'mkdir -p .git/hooks; printf'))
    expect(await commit({ message: 'x', allowEmpty: true })).toMatchObject({ status: 409, body: { code: 'GIT_FAILED', message: 'Git says: no tests' } })
    await shell('printf "#!/bin/sh\\nyes >&2\\n" > .git/hooks/pre-commit')
    expect(await commit({ message: 'x', allowEmpty: true })).toMatchObject({ status: 409, body: { code: 'GIT_FAILED', message: expect.stringContaining('printed more than') } })
  })

  it('is told to be busy while another git has the index', async () => {
    await begin()
    await shell('touch .git/index.lock; echo 2 > a')
    expect(await call('POST', 'stage', { paths: ['a'] })).toMatchObject({ status: 409, body: { code: 'GIT_BUSY', message: expect.stringContaining('.lock') } })
    expect(states(await status())).toEqual({ a: 'unmodified modified' })
  })

  it('ends with its client', async () => {
    await begin()
    await shell('mkdir -p .git/hooks; printf "#!/bin/sh\\ntouch running; sleep 1000\\n" > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit')
    const leaving = new AbortController()
    const asked = user.send('POST', `/projects/${id}/git/commit?directory=${directory}`, { message: 'x', allowEmpty: true }, { signal: leaving.signal })
    const gone = expect(asked).rejects.toThrow(/abort/)
    await waitFor('the hook to run', async () => (await shell('ls')).includes('running'))
    leaving.abort()
    await gone
    await waitFor('it to be gone', async () => !(await user.exec(id, ['python3', '-c', 'import glob\nprint(any(b"sleep\\0001000" in open(f, "rb").read() for f in glob.glob("/proc/[0-9]*/cmdline")))'])).output.includes('True'))
  })
})

it('is for the project\'s owner alone', async () => {
  const other = await signUp(berth.origin)
  for (const [method, path, body] of [
    ['GET', 'status'], ['GET', 'diff'], ['GET', 'log'], ['GET', 'branches'], ['GET', 'remotes'], ['GET', 'credentials'], ['POST', 'init', {}], ['POST', 'stage', { paths: ['a'] }],
    ['POST', 'unstage', { paths: ['a'] }], ['POST', 'discard', { paths: ['a'] }], ['POST', 'abort'], ['POST', 'commit', { message: 'x' }], ['POST', 'branches', { name: 'x' }], ['DELETE', 'branches/x'],
    ['POST', 'checkout', { ref: 'x' }], ['POST', 'remotes', { name: 'x', url: 'https://example.org/a' }], ['DELETE', 'remotes/x'], ['POST', 'fetch', {}], ['POST', 'pull', {}], ['POST', 'push', {}],
    ['PUT', 'credentials/example.org', { username: 'a', password: 'b' }], ['DELETE', 'credentials/example.org']
  ] as const) {
    expect(await other.call(method, `/projects/${id}/git/${path}`, body), `${method} ${path}`).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
  }
})
