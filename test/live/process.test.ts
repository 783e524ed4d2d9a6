import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../src/docker/index.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { bootOf, removeLeftOfKilled } from './support/remove-left.ts'

const run = promisify(execFile)

let docker: DockerClient
let servers: ServerProcess[] = []

beforeAll(async () => { docker = createDockerClient(endpointFromEnv(process.env)) })
afterAll(async () => await docker.close())
afterEach(async () => {
  for (const server of servers) await server.stop()
  servers = []
})

async function start (env?: Record<string, string>): Promise<ServerProcess> {
  const server = await startServerProcess(env)
  servers.push(server)
  return server
}

async function sandboxesOf (server: ServerProcess): Promise<string[]> {
  const instance = (await readFile(path.join(server.dataDir, 'instance-id'), 'utf8')).trim()
  const containers = await docker.containers.list({ all: true, filters: { label: [`berth.instance=${instance}`] } })
  return containers.map(({ Id }) => Id)
}

describe('the server as a process', () => {
  it('prints a line that runs a program when it is pasted', async () => {
    const server = await start()
    const line = server.printed().split('\n').find((text) => text.startsWith('curl ')) ?? ''
    const { stdout } = await run('bash', ['-c', line], { env: { ...process.env, API_KEY: server.key } })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', output: '42\n' })
  })

  it('makes its first administrator by the link that it has written, once', async () => {
    const { origin, dataDir, printed } = await start()
    const file = path.join(dataDir, 'setup-link')
    const [, token = ''] = (await readFile(file, 'utf8')).trim().split('/setup#')
    expect(printed()).toContain(file)
    expect(printed()).not.toContain(token)
    const send = async (call: string, body: object) => {
      const response = await fetch(`${origin}/auth/${call}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ password: 'violet harbour under snow', ...body }) })
      return { status: response.status, ...await response.json() as { code?: string, user?: { role: string } } }
    }
    expect(await send('signup', { email: 'first@example.org' })).toMatchObject({ status: 201, user: { role: 'user' } })
    expect(await send('setup', { email: 'second@example.org', token })).toMatchObject({ status: 201, user: { role: 'admin' } })
    expect(await send('setup', { email: 'third@example.org', token })).toMatchObject({ status: 409, code: 'ALREADY_SET_UP' })
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])('leaves no container behind on %s, not even that of a run under way', async (signal) => {
    const server = await start()
    expect((await sandboxesOf(server)).length).toBeGreaterThanOrEqual(3)
    const running = fetch(`${server.origin}/api/execute`, {
      method: 'POST',
      headers: { 'X-API-Key': server.key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ language: 'python', code: 'import time; time.sleep(50)', timeout: 60_000 })
    })
    const busy = async () => {
      const response = await fetch(`${server.origin}/api/system`, { headers: { 'X-API-Key': server.key } })
      return ((await response.json()) as { capacity: { running: number } }).capacity.running === 1
    }
    await waitFor('the run to be under way', busy)
    server.kill(signal)
    const response = await running
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'SHUTTING_DOWN' })
    expect(await server.exited).toEqual([0, null])
    expect(await sandboxesOf(server)).toEqual([])
  })

  it('after kill -9 its sandboxes end by themselves, and the next start removes them', async () => {
    const server = await start()
    const orphans = await sandboxesOf(server)
    const boot = await bootOf(docker, server.dataDir)
    server.kill('SIGKILL')
    await server.exited
    await waitFor('the agents to end', async () => {
      const states = await Promise.all(orphans.map(async (id) => (await docker.containers.inspect(id)).State.Running))
      return states.every((isRunning) => !isRunning)
    })
    const next = await start({ DATA_DIR: server.dataDir })
    await waitFor('the orphans to be removed', async () => {
      const left = await docker.containers.list({ all: true })
      return !left.some(({ Id }) => orphans.includes(Id))
    })
    await next.stop()
    await removeLeftOfKilled(docker, { boot })
  })

  it('refuses to share a data directory', async () => {
    const server = await start()
    await expect(start({ DATA_DIR: server.dataDir })).rejects.toThrow(/in use by another Berth/)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['a wrong variable', { PORT: 'eighty' }, /PORT must be integer/],
    ['an Engine address that is none', { DOCKER_HOST: 'ftp://nowhere' }, /ftp:/],
    ['an image of projects by the name of a language', { PROJECT_IMAGES: 'gcc=some/image', RUNTIMES: 'python' }, /PROJECT_IMAGES: "gcc" is a name of the language c\./],
    ['a key that is too short', { API_KEY: 'secret' }, /API_KEY must match/]
  ])('ends with one clear line for %s', async (_name, env, message) => {
    const error = await start(env).then(() => undefined, (error: Error) => error)
    expect(error?.message).toMatch(message)
    expect(error?.message.trim().split('\n').length).toBe(1)
  })

  it('starts without an Engine, says that it is not ready, and answers 503 with Retry-After', async () => {
    const server = await start({ DOCKER_HOST: 'unix:///nowhere/docker.sock' })
    const ready = await fetch(`${server.origin}/ready`)
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
    expect(await ready.json()).toMatchObject({ engine: false })
    const response = await fetch(`${server.origin}/api/execute`, {
      method: 'POST',
      headers: { 'X-API-Key': server.key, 'Content-Type': 'application/json' },
      body: '{"language":"python","code":""}'
    })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
  })

  it('makes a key of its own where none is given, readable by its user alone, and prints only where it is', async () => {
    const server = await start({ API_KEY: '' })
    const file = path.join(server.dataDir, 'api-key')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const key = (await readFile(file, 'utf8')).trim()
    expect(key).toMatch(/^brt_[\w-]{32}$/)
    expect(server.printed()).toContain(file)
    expect(server.printed()).not.toContain(key)
    expect((await fetch(`${server.origin}/api/system`, { headers: { 'X-API-Key': key } })).status).toBe(200)
  })

  it('logs neither keys nor programs, and the request id in every line of a request', async () => {
    const server = await start({ LOG_LEVEL: 'debug' })
    const id = 'find-me-in-the-log'
    await fetch(`${server.origin}/api/execute`, {
      method: 'POST',
      headers: { 'X-API-Key': server.key, 'Content-Type': 'application/json', 'X-Request-ID': id },
      body: JSON.stringify({ language: 'python', code: 'print("very private program")', input: 'private input', env: { SECRET: 'private env' } })
    })
    const lines = await waitFor('the lines of the request', () => {
      const found = server.printed().split('\n').filter((line) => line.includes(id)).map((line) => JSON.parse(line) as Record<string, unknown>)
      return found.length >= 2 && found
    })
    expect(lines.find(({ msg }) => msg === 'run')).toMatchObject({ requestId: id, language: 'python', status: 'completed', executionTime: expect.any(Number), totalTime: expect.any(Number) })
    expect(lines.find(({ msg }) => msg === 'request')).toMatchObject({ requestId: id, method: 'POST', url: '/api/execute', statusCode: 200 })
    const log = server.printed().split('Try it:')[1]?.split('\n').slice(2).join('\n') ?? ''
    expect(log).not.toMatch(/private/)
    expect(log).not.toContain(server.key)
  })
})
