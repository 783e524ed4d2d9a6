import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { projectGitCredentials } from '../../../src/db/schema/index.ts'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { MEMBER, startGitServer, type GitServer } from '../../support/git-server.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, userWithKey, type User } from '../projects/user.ts'

interface Refusal { code: string, message: string }

let docker: DockerClient
let berth: Berth
let user: User
let server: GitServer
let id: string
let repository: string
let host: string
let made = 0

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startProjectsBerth({ SANDBOX_EGRESS: 'unfiltered' })
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
  const { containerId } = await user.start(id)
  const { NetworkSettings } = await docker.containers.inspect(containerId ?? '')
  server = await startGitServer(Object.values(NetworkSettings.Networks)[0]?.Gateway ?? '', { isSecure: true })
  host = new URL(server.urlOf('x')).host
})
afterAll(async () => {
  await server.stop()
  await user.remove(id)
  await berth.stop()
  await docker.close()
})
beforeEach(async () => {
  repository = `private${++made}`
  await server.create(repository, { a: '1\n' })
  await server.git(repository, 'config', 'http.receivepack', 'true')
  await server.git(repository, 'config', 'receive.denyCurrentBranch', 'ignore')
  // Nobody has signed its certificate.
  await user.exec(id, `mkdir ${repository} && git config --global http.sslVerify false`)
  await call('POST', 'init', {})
  await call('POST', 'remotes', { name: 'origin', url: server.urlOf(repository) })
})

const call = async <T = Record<string, unknown> & Refusal>(method: string, path: string, body?: object) => await user.call<T>(method, `/projects/${id}/git/${path}?directory=${repository}`, body)
const shell = async (line: string): Promise<string> => (await user.exec(id, line, { cwd: repository })).output
const setCredential = async (password: string = MEMBER.password) => await user.call<Refusal>('PUT', `/projects/${id}/git/credentials/${host}`, { username: MEMBER.username, password })
const dropCredential = async () => await user.call<Refusal>('DELETE', `/projects/${id}/git/credentials/${host}`)
const head = async (): Promise<string> => await server.git(repository, 'rev-parse', 'main')

/** Here one step beyond the remote. */
async function change (content: string): Promise<void> {
  await user.exec(id, ['sh', '-c', 'printf %s "$1" > a', 'sh', content], { cwd: repository })
  await call('POST', 'commit', { message: content, all: true })
}

describe('a remote that wants a password', () => {
  it('says so, takes what is kept for its host, and no longer once that is deleted', async () => {
    expect(await call('POST', 'pull', { branch: 'main' })).toMatchObject({ status: 403, body: { code: 'GIT_AUTHENTICATION' } })
    expect((await setCredential()).status).toBe(204)
    expect(await call('POST', 'pull', { branch: 'main' })).toMatchObject({ status: 200, body: { before: null, commit: await head() } })
    await setCredential('wrong')
    expect(await call('POST', 'fetch', {})).toMatchObject({ status: 403, body: { code: 'GIT_AUTHENTICATION' } })
    await setCredential()
    expect((await call('POST', 'fetch', { prune: true })).status).toBe(200)
    expect((await dropCredential()).status).toBe(204)
    expect(await call('POST', 'fetch', {})).toMatchObject({ status: 403 })
    expect(await dropCredential()).toMatchObject({ status: 404, body: { code: 'CREDENTIAL_NOT_FOUND' } })
  })

  it('gets commits, and its branch is followed from then on', async () => {
    await setCredential()
    await call('POST', 'pull', { branch: 'main' })
    await change('2')
    expect(await call('POST', 'push', { setUpstream: true })).toMatchObject({ status: 200, body: { remote: 'origin', refs: [{ from: 'refs/heads/main', to: 'refs/heads/main', result: 'updated' }] } })
    expect(await shell('git rev-parse HEAD')).toBe(`${await head()}\n`)
    expect((await call<{ branch: object }>('GET', 'status')).body.branch).toMatchObject({ upstream: 'origin/main', ahead: 0, behind: 0 })
    await change('3')
    expect((await call<{ branch: object }>('GET', 'status')).body.branch).toMatchObject({ ahead: 1, behind: 0 })
    expect((await call('POST', 'pull', {})).status).toBe(200)
    expect(await call('POST', 'push', { branch: 'nowhere' })).toMatchObject({ status: 404, body: { code: 'REF_NOT_FOUND' } })
  })

  it('that has moved on refuses a push; then both sides are merged, or one is put on top', async () => {
    await setCredential()
    await call('POST', 'pull', { branch: 'main' })
    const first = await head()
    await change('mine')
    await call('POST', 'push', {})
    const mine = await head()
    await shell(`git reset -q --hard ${first}`)
    await shell('echo other > b; git add b')
    await call('POST', 'commit', { message: 'other' })
    expect(await call('POST', 'push', {})).toMatchObject({ status: 409, body: { code: 'GIT_REJECTED' } })
    expect(await call('POST', 'pull', { branch: 'main' })).toMatchObject({ status: 409, body: { code: 'GIT_FAILED', message: expect.stringContaining('strategy') } })
    expect((await call('POST', 'pull', { branch: 'main', strategy: 'rebase' })).status).toBe(200)
    expect(await shell('git log --format=%s')).toBe('other\nmine\ncommit 0\n')
    await shell(`git reset -q --hard ${first}`)
    await change('theirs')
    expect(await call('POST', 'pull', { branch: 'main', strategy: 'merge' })).toMatchObject({ status: 409, body: { code: 'GIT_CONFLICT' } })
    expect((await call<{ entries: object[] }>('GET', 'status')).body.entries).toMatchObject([{ path: 'a', conflict: 'both_modified' }])
    expect((await call<{ entries: object[] }>('POST', 'abort')).body.entries).toEqual([])
    expect((await call('POST', 'push', { force: true })).status).toBe(200)
    expect(await head()).not.toBe(mine)
  })
})

describe('a credential', () => {
  it('is listed without its password, and lies in the database sealed', async () => {
    await setCredential()
    expect((await user.call<object>('GET', `/projects/${id}/git/credentials`)).body).toEqual({ credentials: [{ host, username: MEMBER.username, updatedAt: expect.any(String) }] })
    const rows = await berth.app.db.select().from(projectGitCredentials).where(eq(projectGitCredentials.projectId, id))
    expect(rows.map(({ password }) => password.includes(MEMBER.password))).toEqual([false])
    const { body } = await userWithKey(berth.origin, berth.key).call<unknown>('GET', `/api/audit?subject=${id}`)
    expect(JSON.stringify(body)).not.toContain(MEMBER.password)
  })

  it('is told to no helper, hook, file or command line of the repository', async () => {
    await setCredential()
    await shell('mkdir -p .git/hooks bin')
    const spy = '#!/bin/sh\n(env; cat) >> "$HOME/seen"\n'
    for (const name of ['.git/hooks/reference-transaction', '.git/hooks/pre-push', '.git/hooks/post-merge', 'bin/git']) {
      await user.exec(id, ['sh', '-c', 'printf %s "$2" > "$1"; chmod +x "$1"', 'sh', name, spy], { cwd: repository })
    }
    await shell('git config --global credential.helper "!cat >> $HOME/seen; true"; git config credential.helper "!cat >> $HOME/seen; true"')
    await user.call('PUT', `/projects/${id}/env/PATH`, { value: `/workspace/${repository}/bin:/usr/bin:/bin` })
    await call('POST', 'fetch', {})
    await user.call('DELETE', `/projects/${id}/env/PATH`)
    expect((await call('POST', 'pull', { branch: 'main' })).status).toBe(200)
    await change('2')
    expect((await call('POST', 'push', {})).status).toBe(200)
    const seen = await user.exec(id, `cat seen; grep -r --include=* ${MEMBER.password} . ; git config --global --unset credential.helper; rm -f seen`)
    expect(seen.output).toContain('GIT_')
    expect(seen.output).not.toContain(MEMBER.password)
    expect(seen.output).not.toContain('BERTH_GIT')
  })

  it('is not shown to another host that the repository leads to', async () => {
    await setCredential()
    await shell(`git config url.${server.urlOf('').replace('https', 'http')}.insteadOf ${server.urlOf('')}`)
    expect((await call('POST', 'fetch', {})).status).toBe(409)
  })

  it.each<[string, object, string]>([
    ['Example.org', { username: 'a', password: 'b' }, 'VALIDATION_FAILED'], ['example.org:443', { username: 'a', password: 'b' }, 'BAD_REQUEST'], ['example.org:x', { username: 'a', password: 'b' }, 'BAD_REQUEST'],
    ['a%2Fb', { username: 'a', password: 'b' }, 'VALIDATION_FAILED'], ['example.org', { username: 'a' }, 'VALIDATION_FAILED'], ['example.org', { username: '', password: 'b' }, 'VALIDATION_FAILED'],
    ['example.org', { username: 'a\nhost=x', password: 'b' }, 'VALIDATION_FAILED'], ['example.org', { username: 'a', password: 'b\0' }, 'VALIDATION_FAILED'], ['example.org', { username: 'a', password: 'x'.repeat(4_097) }, 'VALIDATION_FAILED']
  ])('for %s as %j is not taken', async (name, body, code) => {
    expect(await user.call('PUT', `/projects/${id}/git/credentials/${name}`, body)).toMatchObject({ status: 400, body: { code } })
  })

  it('is kept for so many hosts and no more', async () => {
    const { id: other } = await user.createProject()
    const answers = await Promise.all(Array.from({ length: 21 }, async (_, i) => await user.call('PUT', `/projects/${other}/git/credentials/${i}.example.org`, { username: 'a', password: 'b' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 20 }, () => 204), 413])
    await user.remove(other)
  })
})
