import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { sql } from 'drizzle-orm'
import { quarantinedVolumes } from '../../../src/db/schema/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { haveProjectsNetwork, NO_NETWORK } from '../support/project-network.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { engineState } from './engine-state.ts'
import { signUp, type User } from './user.ts'

let docker: DockerClient
let berth: Berth
let user: User
let id: string
let containerId: string

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startProjectsBerth({ PROJECT_MEMORY: '64m' })
  user = await signUp(berth.origin)
})
afterAll(async () => {
  await berth.stop()
  await docker.close()
})
beforeEach(async () => {
  ({ id } = await user.createProject())
  containerId = (await user.start(id)).containerId ?? ''
  await user.exec(id, 'echo kept > file')
})
afterEach(async () => await user.remove(id))

async function stoppedWith (error: unknown): Promise<void> {
  await waitFor('the project to show as stopped', async () => (await user.status(id)).status === 'stopped')
  expect(await user.status(id)).toMatchObject({ error, containerId: null })
  expect(await engineState(docker, berth.app.projects.instanceId, id)).toMatchObject({ containers: [] })
}

describe('behind our back', () => {
  it('a container that was killed shows as stopped with the reason, and starts again with its files', async () => {
    await docker.containers.kill(containerId)
    await stoppedWith(expect.stringMatching(/killed by signal 9/))
    expect(await user.start(id)).toMatchObject({ status: 'running', error: null })
    expect(await user.exec(id, 'cat file')).toMatchObject({ output: 'kept\n' })
  })

  it('a container that was stopped in order shows as stopped without an error', async () => {
    await docker.containers.stop(containerId)
    await stoppedWith(null)
  })

  it('a container that was removed shows as stopped', async () => {
    await docker.containers.remove(containerId, { force: true, volumes: true })
    await stoppedWith(expect.stringMatching(/removed from outside/))
  })

  it('a command in a container that is killed is told so', async () => {
    const running = user.call('POST', `/projects/${id}/exec`, { cmd: 'touch begun; sleep 60' })
    await waitFor('the command to begin', async () => (await user.exec(id, 'ls')).output.includes('begun'))
    await docker.containers.kill(containerId)
    const { status, body } = await running
    expect([status, body.code ?? body.status]).toEqual(expect.toSatisfy((answer: unknown[]) =>
      ['409 PROJECT_STOPPED', '200 killed', '200 memory_limit'].includes(answer.join(' '))))
  })

  it('a command starts a project whose container has gone unseen', async () => {
    await docker.containers.remove(containerId, { force: true, volumes: true })
    expect(await user.exec(id, 'cat file')).toMatchObject({ status: 'completed', output: 'kept\n' })
  })
})

describe('orphans', () => {
  it('containers of this instance without a project go, their volumes stay in quarantine; those of another instance are not touched', async () => {
    const { Image } = (await docker.containers.inspect(containerId)).Config
    const labelled = (instance: string) => ({ 'berth.instance': instance, 'berth.kind': 'project', 'berth.project': '00000000-0000-4000-8000-000000000000' })
    const foreign = 'another-instance'
    const { instanceId } = berth.app.projects
    for (const [name, instance] of [['berth-test-orphan', instanceId], ['berth-test-foreign', foreign]] as const) {
      await docker.containers.create({ Image, Cmd: ['true'], Labels: labelled(instance) }, { name })
      await docker.volumes.create({ Name: name, Labels: labelled(instance) })
    }
    try {
      await berth.app.projects.reconcile()
      expect(await engineState(docker, instanceId)).toMatchObject({ containers: [containerId] })
      expect((await quarantined()).map(({ name }) => name)).toEqual(['berth-test-orphan'])
      const left = await engineState(docker, foreign)
      expect([left.containers.length, left.volumes]).toEqual([1, ['berth-test-foreign']])
      expect(await user.status(id)).toMatchObject({ status: 'running', containerId })
    } finally {
      await docker.containers.remove('berth-test-foreign', { force: true })
      await docker.volumes.remove('berth-test-foreign')
      await docker.volumes.remove('berth-test-orphan')
    }
    await berth.app.projects.reconcile()
    expect(await quarantined()).toEqual([])
  })

  const quarantined = async () => await berth.app.db.select().from(quarantinedVolumes)

  it('a volume goes when its quarantine is over and it still has no project', async () => {
    const { instanceId } = berth.app.projects
    const unknown = '00000000-0000-4000-8000-000000000001'
    await docker.volumes.create({ Name: 'berth-test-unknown', Labels: { 'berth.instance': instanceId, 'berth.kind': 'project', 'berth.project': unknown } })
    const volumes = async () => (await engineState(docker, instanceId, unknown)).volumes
    await berth.app.projects.reconcile()
    const almost = sql`now() - interval '23 hours'`
    await berth.app.db.update(quarantinedVolumes).set({ firstSeenAt: almost })
    await berth.app.projects.reconcile()
    expect(await volumes()).toEqual(['berth-test-unknown'])
    await berth.app.db.update(quarantinedVolumes).set({ firstSeenAt: sql`now() - interval '25 hours'` })
    await berth.app.projects.reconcile()
    expect(await volumes()).toEqual([])
    await berth.app.projects.reconcile()
    expect(await quarantined()).toEqual([])
  })

  it('a volume of a project that was deleted goes at once, also when it turns up later', async () => {
    const { instanceId } = berth.app.projects
    const { id: deleted } = await user.createProject()
    await user.remove(deleted)
    await docker.volumes.create({ Name: `berth-project-${deleted}`, Labels: { 'berth.instance': instanceId, 'berth.kind': 'project', 'berth.project': deleted } })
    await berth.app.projects.reconcile()
    expect((await engineState(docker, instanceId, deleted)).volumes).toEqual([])
  })

  it('a volume of another instance that bears a project\'s name is not used', async () => {
    const { id: taken } = await user.createProject()
    await docker.volumes.create({ Name: `berth-project-${taken}`, Labels: { 'berth.instance': 'another-instance', 'berth.kind': 'project', 'berth.project': taken } })
    try {
      expect((await user.call('POST', `/projects/${taken}/start`)).status).toBe(500)
      expect((await user.call('GET', `/projects/${taken}/files`)).status).toBe(503)
    } finally {
      await user.remove(taken)
    }
    // Nor is it removed with the project.
    expect((await docker.volumes.list({ label: ['berth.instance=another-instance'] })).map(({ Name }) => Name)).toEqual([`berth-project-${taken}`])
    await docker.volumes.remove(`berth-project-${taken}`)
  })

  it('the network goes when the last project has stopped, and comes back with the next start', async ({ skip }) => {
    skip(!await haveProjectsNetwork(berth), NO_NETWORK)
    const { instanceId } = berth.app.projects
    expect((await engineState(docker, instanceId)).networks.length).toBe(1)
    await user.stop(id)
    await berth.app.projects.reconcile()
    expect((await engineState(docker, instanceId)).networks).toEqual([])
    expect(await user.start(id)).toMatchObject({ status: 'running' })
  })

  it('a start survives that somebody else removes the network just before', async () => {
    const { instanceId } = berth.app.projects
    await user.stop(id)
    const [network = ''] = (await engineState(docker, instanceId)).networks
    if (network !== '') await docker.networks.remove(network)
    expect(await user.start(id)).toMatchObject({ status: 'running' })
  })
})
