import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { openClient } from '../../../src/db/client.ts'
import { openDatabase } from '../../../src/db/open.ts'
import { projects, settings } from '../../../src/db/schema/index.ts'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { engineSocket } from '../support/engine-socket.ts'
import { startRenamedEngine } from '../support/renamed-engine.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { engineState } from './engine-state.ts'
import { signUp, userWithKey, type User } from './user.ts'
import type { Variables } from '../../support/variables.ts'

let docker: DockerClient
let engine: Awaited<ReturnType<typeof startRenamedEngine>>
let database: Awaited<ReturnType<typeof createDatabase>>
let berth: Berth
let user: User
let id: string
let instanceId: string

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  engine = await startRenamedEngine(engineSocket, (await docker.system.info()).ID)
})
afterAll(async () => {
  await engine.close()
  await docker.close()
})

const start = async (env: Variables = {}): Promise<Berth> =>
  await startProjectsBerth({ DATABASE_URL: database.url, DOCKER_HOST: engine.host, LOG_LEVEL: 'silent', ...env })

beforeEach(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  berth = await start()
  instanceId = berth.app.projects.instanceId
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
  await user.exec(id, 'echo kept > file')
})
afterEach(async () => {
  engine.become('itself')
  await berth.stop()
  const label = [`berth.instance=${instanceId}`]
  for (const { Id } of await docker.containers.list({ all: true, filters: { label } })) await docker.containers.remove(Id, { force: true, volumes: true })
  for (const { Name } of await docker.volumes.list({ label })) await docker.volumes.remove(Name)
  for (const { Id } of await docker.networks.list({ label })) await docker.networks.remove(Id)
  await database.drop()
})

/** The one line that the operator gets, and the code in it. */
async function refused (starting: Promise<Berth>): Promise<{ message: string, code: string }> {
  const error = await starting.then(async (started) => {
    await started.stop()
    throw new Error('it has started')
  }, (error: unknown) => error as Error)
  expect(error.name).toBe('MisfitError')
  const code = /start once with ADOPT_ENGINE=([0-9a-f]{12})$/.exec(error.message)?.[1] ?? ''
  expect(code).not.toBe('')
  return { message: error.message, code }
}

const state = async () => await engineState(docker, instanceId, id)
const file = async (): Promise<string> => (await userWithKey(berth.origin, user.key).exec(id, 'cat file')).output

async function copyDatabase (): Promise<{ url: string, drop: () => Promise<void> }> {
  const url = new URL(database.url)
  const name = `test_copy_${randomUUID().replaceAll('-', '')}`
  const client = openClient({ url: inject('databaseServerUrl') })
  await client.query(`create database ${name} template ${url.pathname.slice(1)}`)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: async () => {
      await client.query(`drop database ${name} with (force)`)
      await client.end()
    }
  }
}

describe('a database and an Engine', () => {
  it('belong together from the first start on, over restarts and for several servers', async () => {
    const second = await start()
    await second.stop()
    await berth.stop()
    berth = await start()
    expect(await file()).toBe('kept\n')
    expect((await state()).volumes.length).toBe(1)
  })

  it('of another installation are refused, until the operator adopts exactly this Engine', async () => {
    await berth.stop()
    engine.become('another')
    const { message, code } = await refused(start())
    expect(message).toMatch(/belongs to another Docker Engine/)
    expect(message).toContain(engine.otherId)
    await refused(start({ ADOPT_ENGINE: '000000000000' }))
    berth = await start({ ADOPT_ENGINE: code })
    expect(await file()).toBe('kept\n')
    await berth.stop()
    engine.become('itself')
    // The same code again is for another situation by now.
    const back = await refused(start({ ADOPT_ENGINE: code }))
    berth = await start({ ADOPT_ENGINE: back.code })
  })

  it('of which the database is a copy are refused, and nothing on the Engine is touched', async () => {
    await berth.stop()
    const copy = await copyDatabase()
    try {
      berth = await start()
      await userWithKey(berth.origin, user.key).start(id)
      const before = await state()
      // Newer than the copy: it would be an orphan there.
      const { id: newer } = await userWithKey(berth.origin, user.key).createProject()
      await userWithKey(berth.origin, user.key).start(newer)
      expect((await refused(start({ DATABASE_URL: copy.url }))).message).toMatch(/a copy of the one/)
      expect(await state()).toEqual(before)
      expect((await engineState(docker, instanceId, newer))).toMatchObject({ running: 1, volumes: [`berth-project-${newer}`] })
    } finally {
      await copy.drop()
    }
  })

  it('of which the database is an old backup are refused; adopted, it keeps the volumes that it does not know', async () => {
    const [backup] = await berth.app.db.select().from(settings).where(eq(settings.name, 'engine'))
    const { id: newer } = await user.createProject()
    await user.exec(newer, 'echo newer > file')
    for (let restart = 0; restart < 2; restart++) {
      await berth.stop()
      berth = await start()
    }
    await berth.stop()
    // As it was before: the row of the newer project is not there yet.
    const { db, close } = openDatabase({ url: database.url })
    await db.delete(projects).where(eq(projects.id, newer))
    await db.update(settings).set({ value: backup?.value ?? '' }).where(eq(settings.name, 'engine'))
    await close()

    const { message, code } = await refused(start())
    expect(message).toMatch(/newer state of this database/)
    berth = await start({ ADOPT_ENGINE: code })
    await berth.app.projects.reconcile()
    await berth.app.projects.reconcile()
    expect(await engineState(docker, instanceId, newer)).toMatchObject({ containers: [], volumes: [`berth-project-${newer}`] })
    expect(await file()).toBe('kept\n')
  })

  it('of which the Engine is a clone without the volumes are refused', async () => {
    await berth.stop()
    for (const { Id } of await docker.containers.list({ all: true, filters: { label: [`berth.instance=${instanceId}`] } })) await docker.containers.remove(Id, { force: true, volumes: true })
    for (const { Name } of await docker.volumes.list({ label: [`berth.instance=${instanceId}`] })) await docker.volumes.remove(Name)
    const { message, code } = await refused(start())
    expect(message).toMatch(/none of the volumes/)
    berth = await start({ ADOPT_ENGINE: code })
  })

  it('whose marker alone was pruned go on', async () => {
    await berth.stop()
    for (const { Name } of await docker.volumes.list({ label: [`berth.instance=${instanceId}`, 'berth.kind=marker'] })) await docker.volumes.remove(Name)
    berth = await start()
    expect(await file()).toBe('kept\n')
  })
})

describe('an Engine that is exchanged under a running server', () => {
  const ready = async () => {
    const answer = await fetch(`${berth.origin}/ready`)
    return { status: answer.status, body: await answer.json() as { problem?: string } }
  }

  it('stops all work on projects, which /ready says, until the right one is back', async () => {
    await user.stop(id)
    engine.become('another')
    await waitFor('the server to notice', async () => (await ready()).status === 503)
    expect((await ready()).body).toMatchObject({ status: 'unavailable', problem: expect.stringMatching(/do not belong together/) })
    for (const [method, route] of [['POST', 'start'], ['GET', 'files'], ['POST', 'exec']] as const) {
      const { status, body } = await user.call(method, `/projects/${id}/${route}`, route === 'exec' ? { cmd: 'true' } : undefined)
      expect([route, status, body.code]).toEqual([route, 503, 'ENGINE_MISMATCH'])
    }
    await expect(berth.app.projects.reconcile()).rejects.toMatchObject({ code: 'ENGINE_MISMATCH' })
    engine.become('itself')
    await waitFor('the server to go on', async () => (await ready()).status === 200)
    expect(await file()).toBe('kept\n')
  })
})
