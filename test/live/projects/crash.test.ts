import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import type { ProcessReport } from '../../../src/projects/processes/schemas.ts'
import { controlProcess, listProcesses } from '../../../src/sandbox/agent-client/processes.ts'
import { openInitAgent } from '../../../src/sandbox/project-agent.ts'
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

describe('processes of a project, when the server is killed that started them', () => {
  const SHELL = { cmd: ['bash', '--norc', '--noprofile'], tty: true }
  const COUNTER = 'for ((i = 0; ; i++)); do echo $i; read -rt 0.005 <> <(:); done'

  async function onDoomed (work: (doomed: User) => Promise<void>): Promise<void> {
    const crashing = await startCrashingBerth({ databaseUrl: database.url, leaseMs: LEASE_MS })
    await work(userWithKey(crashing.origin, user.key))
    crashing.kill()
    await crashing.exited
  }

  const path = (more = ''): string => `/projects/${id}/processes${more}`
  const list = async (): Promise<ProcessReport[]> => (await user.call<{ processes: ProcessReport[] }>('GET', path())).body.processes

  it('run on, and are found again with every byte', async () => {
    const started: ProcessReport[] = []
    await onDoomed(async (doomed) => {
      for (const body of [{ cmd: COUNTER, name: 'counter' }, SHELL, { cmd: 'exec sleep 1000', name: 'service', keep: true }]) {
        started.push((await doomed.call<ProcessReport>('POST', path(), body)).body)
      }
      // Somebody is looking when it happens.
      void doomed.send('GET', path(`/${started[0]!.id}/logs?follow=true`)).then(async (response) => await response.text()).catch(() => undefined)
      const { id: shell } = started[1]!
      await doomed.call('POST', path(`/${shell}/input`), { input: 'remembered=yes\n' })
    })
    expect(await list()).toMatchObject(started.map(({ id: process, pid, startedAt }) => ({ id: process, pid, startedAt, status: 'running', restarts: 0 })))
    const [counter, shell] = started as [ProcessReport, ProcessReport]
    await user.call('POST', path(`/${shell.id}/input`), { input: 'echo "<$remembered>"; exit 3\n' })
    await waitFor('the shell to end', async () => (await list()).find(({ id: process }) => process === shell.id)?.exitCode === 3)
    expect(await (await user.send('GET', path(`/${shell.id}/logs`))).text()).toContain('<yes>\r\n')
    await user.call('POST', path(`/${counter.id}/signal`), { signal: 'SIGKILL' })
    const numbers = (await (await user.send('GET', path(`/${counter.id}/logs?follow=true`))).text()).trim().split('\n').map(Number)
    expect(numbers.length).toBeGreaterThan(3)
    expect(numbers).toEqual(numbers.map((_, index) => index))
  })

  it('that are services start with the project after a death in the middle of its start', async () => {
    await onDoomed(async (doomed) => { await doomed.call('POST', path(), { cmd: 'exec sleep 1000', name: 'service', keep: true }) })
    await user.stop(id)
    await dieAt('start:filled')
    await settled()
    await user.start(id)
    await waitFor('the service', async () => (await list()).some(({ name, status }) => name === 'service' && status === 'running'))
  })

  it('that are services are started by the next server if the project runs without them', async () => {
    await user.call('POST', path(), { cmd: 'exec sleep 1000', name: 'service', keep: true })
    const [service] = await list()
    const init = await openInitAgent(docker, (await user.status(id)).containerId!)
    await controlProcess(init, { id: service!.id, stopMs: 0 })
    await waitFor('its end', async () => (await listProcesses(init)).kept[0]?.state === 'ended')
    await controlProcess(init, { id: service!.id, forget: true })
    init.close()
    await onDoomed(async () => { await waitFor('the service', async () => (await list()).some(({ status }) => status === 'running')) })
    expect(await list()).toMatchObject([{ id: service!.id, status: 'running', name: 'service' }])
  })
})
