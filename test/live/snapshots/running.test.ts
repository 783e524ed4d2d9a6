import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { snapshotsOf } from './snapshots.ts'

let docker: DockerClient
let berth: Berth
let user: User
let id: string
beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startProjectsBerth({}, { settings: { snapshots: { everyMs: 1_000 } } })
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
  await user.start(id)
})
afterAll(async () => {
  await user.remove(id)
  await berth.stop()
  await docker.close()
})

describe('a project that runs on and on', () => {
  it('has snapshots all the same, of what has changed, and its status says how old the newest is', async () => {
    const snapshots = snapshotsOf(user, id)
    await user.exec(id, 'echo first > f')
    const first = await snapshots.nextAutomatic()
    await user.exec(id, 'echo second > f; echo more > g')
    const second = await waitFor('a snapshot of both files', async () => (await snapshots.list()).find(({ files }) => files === 2), 30_000)
    expect(Date.parse(second.createdAt)).toBeGreaterThan(Date.parse(first.createdAt))
    const { status, snapshot } = await user.status(id)
    expect({ status, snapshot }).toMatchObject({ status: 'running', snapshot: { newestAt: second.createdAt, error: null } })
  })

  it('is looked at again, and has no more of them while nothing has changed', async () => {
    const snapshots = snapshotsOf(user, id)
    const before = await snapshots.list()
    const { checkedAt } = (await user.status(id)).snapshot
    await waitFor('somebody to have looked again', async () => (await user.status(id)).snapshot.checkedAt !== checkedAt, 30_000)
    expect(await snapshots.list()).toEqual(before)
  })

  it('has them when its machine loses all that it had', async () => {
    const [container] = await docker.containers.list({ all: true, filters: { label: [`berth.project=${id}`, 'berth.kind=project'] } })
    await docker.containers.remove(container!.Id, { force: true })
    await waitFor('the volume to be free', async () => await docker.volumes.remove(`berth-project-${id}`).then(() => true, () => false))
    await waitFor('the project to be known as stopped', async () => (await user.status(id)).status === 'stopped')
    expect(await user.exec(id, 'cat f g')).toMatchObject({ output: 'second\nmore\n' })
  })
})
