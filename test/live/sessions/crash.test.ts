import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { bootOf, removeLeftOfKilled } from '../support/remove-left.ts'
import { connect } from './client.ts'
import type { Variables } from '../../support/variables.ts'

let docker: DockerClient
let database: Awaited<ReturnType<typeof createDatabase>>
let servers: ServerProcess[] = []
beforeAll(() => { docker = createDockerClient(endpointFromEnv(process.env)) })
afterAll(async () => await docker.close())
beforeEach(async () => { database = await createDatabase(inject('databaseServerUrl')) })
afterEach(async () => {
  for (const server of servers) await server.stop()
  servers = []
  await database.drop()
})

async function start (env: Variables = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ DATABASE_URL: database.url, RUNTIMES: 'python', ...env })
  servers.push(server)
  return server
}

const sessionOf = async ({ origin, key }: ServerProcess, id: string) =>
  await (await fetch(`${origin}/api/sessions/${id}`, { headers: { 'X-API-Key': key } })).json() as Record<string, unknown>

/** A session that runs and is recorded as running. */
async function runSession (server: ServerProcess): Promise<string> {
  const client = await connect(server)
  client.send({ type: 'execute', language: 'python', code: 'print("before")\ninput()' })
  await client.until('the program to wait', () => client.count('input_required') === 1)
  const id = await client.sessionId()
  expect(await sessionOf(server, id)).toMatchObject({ status: 'running', finishedAt: null })
  return id
}

describe('a session whose server', () => {
  it('is killed is ended by the next one on the data directory, with what had been printed', async () => {
    const server = await start()
    const id = await runSession(server)
    const boot = await bootOf(docker, server.dataDir)
    server.kill('SIGKILL')
    await server.exited
    const next = await start({ DATA_DIR: server.dataDir, API_KEY: server.key })
    await waitFor('the session to be ended', async () => (await sessionOf(next, id)).status === 'internal_error')
    expect(await sessionOf(next, id)).toMatchObject({ message: 'The server that ran it has ended without finishing it', finishedAt: expect.any(String) })
    const client = await connect(next, `/api/execute/${id}`)
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('before\n')
    expect(client.messages.slice(-2)).toMatchObject([{ type: 'error', code: 'RUN_FAILED' }, { type: 'execution_complete', status: 'internal_error' }])
    await next.stop()
    await removeLeftOfKilled(docker, { boot })
  })

  it('runs on is left alone by another one on the same database', async () => {
    const server = await start()
    const id = await runSession(server)
    const other = await start({ API_KEY: server.key })
    expect(await sessionOf(other, id)).toMatchObject({ status: 'running', finishedAt: null })
    const own = await (await fetch(`${other.origin}/api/execute`, {
      method: 'POST', headers: { 'X-API-Key': other.key, 'Content-Type': 'application/json' }, body: '{"language":"python","code":"1"}'
    })).json() as { sessionId: string }
    await waitFor('the other server\'s record', async () => (await sessionOf(server, own.sessionId)).status === 'completed')
    expect(await sessionOf(server, id)).toMatchObject({ status: 'running' })
  })

  it('is stopped says so', async () => {
    const server = await start()
    const id = await runSession(server)
    server.kill('SIGTERM')
    expect(await server.exited).toEqual([0, null])
    const next = await start({ DATA_DIR: server.dataDir, API_KEY: server.key })
    expect(await sessionOf(next, id)).toMatchObject({ status: 'internal_error', message: expect.stringMatching(/server is stopping/) })
    expect((await sessionOf(next, randomUUID())).code).toBe('SESSION_NOT_FOUND')
  })
})
