import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import type { Project } from '../../../src/projects/core/schemas.ts'
import { openFiles } from '../../support/files-client.ts'
import { startGitServer, type GitServer } from '../../support/git-server.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { removeLeftOfKilled } from '../support/remove-left.ts'
import { startCrashingBerth } from '../projects/crashing-berth.ts'
import { signUp, userWithKey, type User } from '../projects/user.ts'

const LEASE_MS = 1_500

let docker: DockerClient
let database: Awaited<ReturnType<typeof createDatabase>>
let berth: Berth
let user: User
let server: GitServer
let neighbour: string
let made: string[]

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  database = await createDatabase(inject('databaseServerUrl'))
  berth = await startProjectsBerth({ DATABASE_URL: database.url, SANDBOX_EGRESS: 'unfiltered' }, { lifecycle: { leaseMs: LEASE_MS }, settings: { projects: { cloneTimeoutMs: 20_000 } } })
  user = await signUp(berth.origin)
  // As long as this one runs, the network and with it the host's address stay the same.
  ;({ id: neighbour } = await user.createProject())
  server = await startGitServer(await gatewayOf(neighbour))
})
afterAll(async () => {
  await server.stop()
  await user.remove(neighbour)
  await berth.stop()
  await removeLeftOfKilled(docker, { instance: berth.app.projects.instanceId })
  await database.drop()
  await docker.close()
})
beforeEach(() => { made = [] })
afterEach(async () => { for (const id of made) await user.call('DELETE', `/projects/${id}`) })

/** The host as a project sees it. */
async function gatewayOf (id: string): Promise<string> {
  const { containerId } = await user.start(id)
  const { NetworkSettings } = await docker.containers.inspect(containerId ?? '')
  return Object.values(NetworkSettings.Networks)[0]?.Gateway ?? ''
}

async function createFrom (url: string, ref?: string, as: User = user): Promise<Project> {
  const project = await as.createProject({ fromGit: { url, ...(ref === undefined ? {} : { ref }) } })
  made.push(project.id)
  return project
}

const read = async (id: string): Promise<Project> => (await user.call<Project>('GET', `/projects/${id}`)).body

async function settled (id: string): Promise<NonNullable<Project['source']>> {
  return await waitFor('the clone to end', async () => {
    const { source } = await read(id)
    return source !== null && source.status !== 'cloning' && source
  }, 30_000)
}

describe('a project from a repository', () => {
  it('is there at once, and soon after with its files and the commit', async () => {
    const [commit] = await server.create('plain', { 'main.py': 'print(1)', passwd: { link: '/etc/passwd' } })
    const hold = server.hold('plain')
    const { id, source } = await createFrom(server.urlOf('plain'))
    expect(source).toEqual({ url: server.urlOf('plain'), ref: null, commit: null, status: 'cloning', error: null })
    await hold.reached
    expect(await user.exec(id, 'ls')).toMatchObject({ output: '' })
    const files = await openFiles(berth.origin, id, user.key)
    await files.hears('connected')
    hold.release()
    expect(await settled(id)).toEqual({ url: server.urlOf('plain'), ref: null, commit, status: 'ready', error: null })
    await files.hears('progress', ({ stage }) => stage === 'ready')
    expect(files.messages).toContainEqual(expect.objectContaining({ type: 'progress', operation: 'clone', stage: 'counting', message: expect.stringMatching(/^remote: /) }))
    await files.close()
    expect(await user.exec(id, 'python3 main.py; ls -A; git status --short')).toMatchObject({ output: '1\n.git\nmain.py\npasswd\n', error: '' })
    expect((await user.call<{ projects: Project[] }>('GET', '/projects')).body.projects[0]).toMatchObject({ id, source: { commit, status: 'ready' } })
  })

  it('takes commits of its user in the terminal, under the name that they have set', async () => {
    await server.create('mine', { a: '1' })
    const { id } = await createFrom(server.urlOf('mine'))
    await settled(id)
    const result = await user.exec(id, 'git config --global user.name Me && git config --global user.email me@example.org && echo 2 > a && git commit -qam two && git log -1 --format=%an:%s')
    expect(result).toMatchObject({ output: 'Me:two\n', error: '' })
  })

  it.each([['main', '2'], ['old', '1'], ['v1', '1'], ['the commit', '1']])('can be at a branch, a tag or a commit: %s', async (name, a) => {
    const repository = `refs-${a}-${name.replace(' ', '-')}`
    const [first] = await server.create(repository, { a: '1' }, { a: '2' })
    await server.git(repository, 'branch', 'old', first ?? '')
    await server.git(repository, 'tag', 'v1', first ?? '')
    const { id } = await createFrom(server.urlOf(repository), name === 'the commit' ? first : name)
    expect(await settled(id)).toMatchObject({ status: 'ready' })
    expect(await user.exec(id, 'cat a')).toMatchObject({ output: a })
  })

  it.each([
    ['that is not there', 'nowhere', undefined, /no repository at this address/],
    ['that is private', 'private', undefined, /private, or not there/],
    ['without that branch', 'plain', 'nowhere', /no branch or tag "nowhere"/]
  ])('%s says so and is empty', async (_what, name, ref, error) => {
    const { id } = await createFrom(server.urlOf(name), ref)
    expect(await settled(id)).toMatchObject({ status: 'failed', commit: null, error: expect.stringMatching(error) })
    expect(await user.exec(id, 'ls -A')).toMatchObject({ output: '' })
  })

  it('with credentials in its address is not made', async () => {
    expect(await user.call('POST', '/projects', { name: 'x', runtime: 'python', fromGit: { url: 'https://me:secret@example.org/a' } }))
      .toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', message: expect.not.stringMatching(/secret/) } })
    expect((await user.call<{ projects: Project[] }>('GET', '/projects')).body.projects.map(({ id }) => id)).toEqual([neighbour])
  })
})

describe('while a repository is cloned', () => {
  beforeAll(async () => { await server.create('slow', { a: '1' }) })

  async function createHeld (as?: User) {
    const hold = server.hold('slow')
    const { id } = await createFrom(server.urlOf('slow'), undefined, as)
    await hold.reached
    return { id, hold }
  }

  it('its project can be deleted', async () => {
    const { id, hold } = await createHeld()
    await user.remove(id)
    hold.release()
    expect((await user.call('GET', `/projects/${id}`)).status).toBe(404)
    // Whoever had begun to work on the volume a moment before makes it once more, and takes it back.
    await expect.poll(async () => await docker.volumes.list({ label: [`berth.project=${id}`] }), { timeout: 20_000 }).toEqual([])
  })

  it('its project can be stopped, which ends it, and nothing of it stays', async () => {
    const { id, hold } = await createHeld()
    await user.stop(id)
    hold.release()
    expect(await settled(id)).toMatchObject({ status: 'failed', error: expect.stringMatching(/container ended/) })
    expect(await user.status(id)).toMatchObject({ status: 'stopped' })
    expect(await user.exec(id, 'ls -A')).toMatchObject({ output: '' })
  })

  it('its server can die: another begins anew', async () => {
    const crashing = await startCrashingBerth({ databaseUrl: database.url, leaseMs: LEASE_MS, env: { SANDBOX_EGRESS: 'unfiltered' } })
    const { id, hold } = await createHeld(userWithKey(crashing.origin, user.key))
    crashing.kill()
    await crashing.exited
    expect(await read(id)).toMatchObject({ source: { status: 'cloning' } })
    hold.release()
    expect(await settled(id)).toMatchObject({ status: 'ready' })
    expect(await user.exec(id, 'ls -A')).toMatchObject({ output: '.git\na\n' })
  })
})

it('projects without a network are of no repository', async () => {
  const isolated = await startProjectsBerth({ SANDBOX_NETWORK_MODE: 'none' })
  const loner = await signUp(isolated.origin)
  expect(await loner.call('POST', '/projects', { name: 'x', runtime: 'python', fromGit: { url: server.urlOf('plain') } }))
    .toMatchObject({ status: 400, body: { message: expect.stringMatching(/no network/) } })
  await isolated.stop()
})
