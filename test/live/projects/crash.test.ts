import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { lifecycleSteps, type LifecycleStep } from '../../../src/projects/lifecycle/steps.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { removeLeftOfKilled } from '../support/remove-left.ts'
import { startCrashingBerth } from './crashing-berth.ts'
import { engineState, nothing } from './engine-state.ts'
import { signUp, userWithKey, type User } from './user.ts'

const LEASE_MS = 1_500
const COUNT_SLEEPERS = `
import glob
print(sum(open(f, "rb").read().startswith(b"sleep\\0") for f in glob.glob("/proc/[0-9]*/cmdline")))`

let docker: DockerClient
let database: Awaited<ReturnType<typeof createDatabase>>
let berth: Berth
let user: User
let id: string

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  database = await createDatabase(inject('databaseServerUrl'))
  berth = await startProjectsBerth({ DATABASE_URL: database.url }, { lifecycle: { leaseMs: LEASE_MS } })
  user = await signUp(berth.origin)
})
afterAll(async () => {
  await berth.stop()
  await removeLeftOfKilled(docker, { instance: berth.app.projects.instanceId })
  await database.drop()
  await docker.close()
})
beforeEach(async () => { ({ id } = await user.createProject({ files: [{ path: 'given', content: 'at creation' }] })) })
afterEach(async () => { await user.call('DELETE', `/projects/${id}`) })

const state = async () => await engineState(docker, berth.app.projects.instanceId, id)

/** Lets a second server on the same database die by SIGKILL at a step of what it is asked. */
async function dieAt (step: LifecycleStep): Promise<void> {
  const operation = step.split(':')[0]
  const crashing = await startCrashingBerth({ databaseUrl: database.url, step, leaseMs: LEASE_MS })
  const onCrashing = userWithKey(crashing.origin, user.key)
  const asked = operation === 'delete' ? onCrashing.send('DELETE', `/projects/${id}`) : onCrashing.send('POST', `/projects/${id}/${operation}`)
  await asked.catch(() => undefined)
  expect(await crashing.exited).toEqual([null, 'SIGKILL'])
}

const stepsOf = (operation: string) => lifecycleSteps.filter((step) => step.startsWith(`${operation}:`))

async function settled (): Promise<void> {
  await waitFor('the dead server\'s lease to be taken over', async () => {
    await berth.app.projects.reconcile()
    const { status, body } = await user.call<{ status: string }>('GET', `/projects/${id}`)
    return status === 404 || body.status === 'stopped'
  })
}

describe('a server that is killed', () => {
  it.each(stepsOf('start'))('at %s leaves a project that comes to rest and starts again with its files', async (step) => {
    await dieAt(step)
    await settled()
    expect(await state()).toMatchObject({ containers: [] })
    expect(await user.start(id)).toMatchObject({ status: 'running', error: null })
    expect(await user.exec(id, 'cat given')).toMatchObject({ output: 'at creation' })
    expect((await state()).containers.length).toBe(1)
  })

  it('in the middle of a start does not keep the next caller from starting', async () => {
    await dieAt('start:recorded')
    expect(await user.start(id)).toMatchObject({ status: 'running', error: null })
    expect((await state()).containers.length).toBe(1)
  })

  it.each(stepsOf('stop'))('at %s leaves a project that is stopped with its files', async (step) => {
    await user.exec(id, 'echo kept > file')
    await dieAt(step)
    await settled()
    expect(await state()).toMatchObject({ containers: [] })
    expect(await user.status(id)).toMatchObject({ status: 'stopped', error: null })
    expect(await user.exec(id, 'cat file')).toMatchObject({ output: 'kept\n' })
  })

  it.each(stepsOf('delete'))('at %s leaves nothing', async (step) => {
    await user.start(id)
    await dieAt(step)
    expect((await user.call('GET', `/projects/${id}`)).status).toBe(404)
    await waitFor('everything of the project to be gone', async () => {
      await berth.app.projects.reconcile()
      const { containers, volumes } = await state()
      return containers.length + volumes.length === 0
    })
    expect(await state()).toEqual(nothing)
  })

  it('ends the commands that it was running', async () => {
    const crashing = await startCrashingBerth({ databaseUrl: database.url, leaseMs: LEASE_MS })
    const running = userWithKey(crashing.origin, user.key).send('POST', `/projects/${id}/exec`, { cmd: 'touch begun; sleep 1234 & setsid sleep 1234' }).catch(() => undefined)
    const count = async () => Number((await user.exec(id, ['python3', '-c', COUNT_SLEEPERS])).output)
    await user.start(id)
    await waitFor('the command to run', async () => await count() === 2)
    crashing.kill()
    await running
    await crashing.exited
    await waitFor('its processes to be gone', async () => await count() === 0)
    expect(await user.status(id)).toMatchObject({ status: 'running' })
  })

  it('leaves running projects running, and the next server finds them', async () => {
    const crashing = await startCrashingBerth({ databaseUrl: database.url, leaseMs: LEASE_MS })
    const { containerId } = await userWithKey(crashing.origin, user.key).start(id)
    crashing.kill()
    await crashing.exited
    expect(await user.status(id)).toMatchObject({ status: 'running', containerId })
    expect(await user.exec(id, 'cat given')).toMatchObject({ output: 'at creation' })
  })
})
