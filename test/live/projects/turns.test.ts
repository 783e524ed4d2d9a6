import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import type { LifecycleStep, OnStep } from '../../../src/projects/lifecycle/steps.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { engineState, nothing } from './engine-state.ts'
import { signUp, userWithKey, type User } from './user.ts'

let docker: DockerClient
let database: Awaited<ReturnType<typeof createDatabase>>
let berth: Berth
let other: Berth
let user: User
let onOther: User
let id: string
let onStep: OnStep = () => undefined

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  database = await createDatabase(inject('databaseServerUrl'))
  berth = await startProjectsBerth({ DATABASE_URL: database.url }, { lifecycle: { onStep: (step, projectId) => onStep(step, projectId) } })
  other = await startProjectsBerth({ DATABASE_URL: database.url })
  user = await signUp(berth.origin)
  onOther = userWithKey(other.origin, user.key)
})
afterAll(async () => {
  await other.stop()
  await berth.stop()
  await database.drop()
  await docker.close()
})
beforeEach(async () => { ({ id } = await user.createProject()) })
afterEach(async () => { await user.call('DELETE', `/projects/${id}`) })

const state = async () => await engineState(docker, berth.app.projects.instanceId, id)
const bothServers = () => [user, onOther]

/** Acts as soon as the first server is at the step, in the middle of an operation. */
async function duringStep<T> (awaited: LifecycleStep, act: () => Promise<T>): Promise<T> {
  return await new Promise((resolve, reject) => {
    onStep = (step) => {
      if (step !== awaited) return
      onStep = () => undefined
      act().then(resolve, reject)
    }
  })
}

describe('one project, many callers, two servers', () => {
  it('both servers have the same instance', () => {
    expect(other.app.projects.instanceId).toBe(berth.app.projects.instanceId)
  })

  it('ten starts at once make one container', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, async (_, i) => await bothServers()[i % 2]!.start(id)))
    expect(new Set(answers.map(({ containerId }) => containerId)).size).toBe(1)
    expect(answers.every(({ status }) => status === 'running')).toBe(true)
    expect(await state()).toMatchObject({ containers: [answers[0]?.containerId], running: 1 })
  })

  it('ten starts at once that fail make one attempt, and all are told why', async () => {
    const broken = await startProjectsBerth({ DATABASE_URL: database.url, SANDBOX_RUNTIME: 'no-such-runtime' })
    onTestFinished(async () => await broken.stop())
    const onBroken = userWithKey(broken.origin, user.key)
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await onBroken.call('POST', `/projects/${id}/start`)))
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body.code)}`))).toEqual(new Set(['500 PROJECT_START_FAILED']))
    expect(await user.status(id)).toMatchObject({ status: 'error', error: expect.stringMatching(/could not be started/) })
    expect(await state()).toMatchObject({ containers: [] })
    expect(await user.start(id)).toMatchObject({ status: 'running', error: null })
  })

  it('a start during a stop waits its turn', async () => {
    const first = await user.start(id)
    const [second] = await Promise.all([duringStep('stop:claimed', async () => await onOther.start(id)), user.stop(id)])
    expect(second.status).toBe('running')
    expect(second.containerId).not.toBe(first.containerId)
    expect(await state()).toMatchObject({ containers: [second.containerId], running: 1 })
  })

  it('a stop during a start waits its turn', async () => {
    const [stopped] = await Promise.all([duringStep('start:claimed', async () => await onOther.stop(id)), user.start(id)])
    expect(stopped).toMatchObject({ status: 'stopped' })
    expect(await state()).toMatchObject({ containers: [], volumes: [expect.any(String)] })
  })

  it('a delete during a start leaves nothing', async () => {
    const [started] = await Promise.all([user.call('POST', `/projects/${id}/start`), duringStep('start:claimed', async () => await onOther.remove(id))])
    expect(started.status).toBe(404)
    expect(await state()).toEqual(nothing)
    expect((await user.call('GET', `/projects/${id}`)).status).toBe(404)
  })

  it('of ten deletes at once one finds the project', async () => {
    await user.start(id)
    const answers = await Promise.all(Array.from({ length: 10 }, async (_, i) => await bothServers()[i % 2]!.call('DELETE', `/projects/${id}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 9 }, () => 404)])
    expect(await state()).toEqual(nothing)
  })

  it('a restart makes another container with the same files', async () => {
    const first = await user.start(id)
    await user.exec(id, 'echo kept > file')
    const again = await onOther.call<{ status: string, containerId: string }>('POST', `/projects/${id}/restart`)
    expect(again).toMatchObject({ status: 200, body: { status: 'running' } })
    expect(again.body.containerId).not.toBe(first.containerId)
    expect(await user.exec(id, 'cat file')).toMatchObject({ output: 'kept\n' })
  })

  it('what is done on one server keeps the project awake on the other', async () => {
    const before = Date.parse((await user.start(id)).lastActiveAt)
    const release = other.app.projects.hold(id)
    await waitFor('the database to hear of it', async () => Date.parse((await user.status(id)).lastActiveAt) > before + 1000)
    release()
  })
})
