import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createClient } from '../support/client.ts'
import { noLanguages } from '../support/no-languages.ts'

let directory: string
let port: number
let redis: ChildProcess
const servers: Berth[] = []

async function startRedis (): Promise<void> {
  redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  redis.stdout?.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  await waitFor('Redis to be ready', () => printed.includes('Ready to accept connections'))
}

async function start (): Promise<Berth> {
  const berth = await startBerth({ REDIS_URL: `redis://127.0.0.1:${port}`, RATE_LIMIT_SIGNIN: '4/1m', LOG_LEVEL: 'silent' }, { catalogue: noLanguages })
  servers.push(berth)
  return berth
}

async function stopRedis (): Promise<void> {
  const exited = once(redis, 'exit')
  redis.kill('SIGKILL')
  await exited
}

beforeAll(async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  port = (probe.address() as AddressInfo).port
  probe.close()
  directory = await mkdtemp(path.join(tmpdir(), 'berth-redis-'))
  await startRedis()
  await Promise.all([start(), start()])
})
afterAll(async () => {
  for (const server of servers) await server.stop()
  await stopRedis()
  await rm(directory, { recursive: true })
})

const signIn = async (server: Berth | undefined): Promise<number> =>
  (await createClient(server?.origin ?? '').call('POST', '/auth/signin', { email: 'nobody@example.org', password: 'not this one' })).status

describe('limits in Redis', () => {
  it('are counted by all servers together', async () => {
    const [one, two] = servers
    expect([await signIn(one), await signIn(two), await signIn(one), await signIn(two)]).toEqual([401, 401, 401, 401])
    expect([await signIn(one), await signIn(two)]).toEqual([429, 429])
  })

  it('count nothing while Redis is away, hold nothing up, and count again afterwards', async () => {
    const [one] = servers
    const third = await start()
    await stopRedis()
    const begun = performance.now()
    expect([await signIn(third), await signIn(third)]).toEqual([401, 401])
    expect(performance.now() - begun).toBeLessThan(3_000)
    // Whom a server has refused it goes on refusing by itself.
    expect(await signIn(one)).toBe(429)
    await startRedis()
    await waitFor('the limit to be kept', async () => await signIn(third) === 429)
  })
})
