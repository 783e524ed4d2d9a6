import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDockerClient, type DockerClient, type EventItem } from '../../../src/docker/index.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient
let connections: ServerResponse[]
let controller: AbortController
let items: AsyncGenerator<EventItem, void>

const backoff = { firstMs: 5, mostMs: 20 }

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  connections = []
  controller = new AbortController()
  engine.on('GET /events', (_request, { response }) => {
    connections.push(response)
    response.writeHead(200).flushHeaders()
  })
  items = docker.events({ backoff }, { signal: controller.signal })
})

afterEach(async () => {
  controller.abort()
  await docker.close()
  await engine.close()
})

function event (time: number, id: string, nanoseconds = '000000001'): string {
  return `{"Type":"container","Action":"die","Actor":{"ID":"${id}","Attributes":{}},"time":${time},"timeNano":${time}${nanoseconds}}\n`
}

async function next (): Promise<string> {
  const { value } = await items.next()
  if (value === undefined) return 'end'
  if (value.kind === 'event') return value.event.Actor.ID
  return value.kind === 'connected' ? `connected ${value.isReconnect}` : `disconnected ${value.error.code}`
}

describe('events', () => {
  it('say when they begin, and end with the signal', async () => {
    expect(await next()).toBe('connected false')
    connections[0]?.write(event(1000, 'a'))
    expect(await next()).toBe('a')
    const last = next()
    controller.abort()
    expect(await last).toBe('end')
  })

  it('reconnect with an overlap, drop what was seen, and say that there was a gap', async () => {
    expect(await next()).toBe('connected false')
    connections[0]?.write(event(1000, 'a') + event(1001, 'b'))
    expect([await next(), await next()]).toEqual(['a', 'b'])
    connections[0]?.end()
    expect([await next(), await next()]).toEqual(['disconnected unavailable', 'connected true'])
    expect(engine.requests.at(-1)?.query.get('since')).toBe('999.000')
    connections[1]?.write(event(1000, 'a') + event(1001, 'b') + event(1001, 'b', '000000002') + event(1002, 'c'))
    expect([await next(), await next()]).toEqual(['b', 'c'])
  })

  it('reconnect after a restart, with the Engine’s own clock when there was no event yet', async () => {
    engine.on('GET /events', (_request, { response }) => response.writeHead(200, { Date: 'Thu, 01 Jan 1970 00:16:40 GMT' }).flushHeaders())
    expect(await next()).toBe('connected false')
    const disconnected = next()
    await engine.stop()
    expect(await disconnected).toBe('disconnected unavailable')
    expect(await next()).toBe('disconnected unavailable')
    await engine.start()
    await vi.waitFor(async () => expect(await next()).toBe('connected true'))
    expect(engine.requests.at(-1)?.query.get('since')).toBe('998.000')
  })

  it('throw what no reconnecting mends', async () => {
    engine.on('GET /events', (_request, reply) => reply.json(400, { message: 'invalid filter' }))
    await expect(items.next()).rejects.toMatchObject({ code: 'bad_request', daemonMessage: 'invalid filter' })
  })

  it('close their connection when the iteration is left', async () => {
    await next()
    await items.return()
    await vi.waitUntil(() => connections[0]?.socket === null || connections[0]?.destroyed)
    expect(connections).toHaveLength(1)
  })

  it('report garbage as a disconnection', async () => {
    expect(await next()).toBe('connected false')
    connections[0]?.write('<html>\n')
    expect(await next()).toBe('disconnected protocol')
  })
})
