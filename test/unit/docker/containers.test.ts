import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { frame, startFakeEngine, type FakeEngine, type FakeReply } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
})

afterEach(async () => {
  await docker.close()
  await engine.close()
})

function answer (route: string, status: number, message?: string): void {
  engine.on(route, (_request, reply) => message === undefined ? reply.empty(status) : reply.json(status, { message }))
}

describe('what is already so', () => {
  const verbs = {
    start: ['POST /containers/c/start', () => docker.containers.start('c')],
    stop: ['POST /containers/c/stop', () => docker.containers.stop('c')],
    kill: ['POST /containers/c/kill', () => docker.containers.kill('c')],
    pause: ['POST /containers/c/pause', () => docker.containers.pause('c')],
    remove: ['DELETE /containers/c', () => docker.containers.remove('c')],
    removeVolume: ['DELETE /volumes/v', () => docker.volumes.remove('v')],
    removeNetwork: ['DELETE /networks/n', () => docker.networks.remove('n')]
  } as const

  it.each([
    ['start', 204, undefined, false],
    ['start', 304, undefined, true],
    ['stop', 204, undefined, false],
    ['stop', 304, undefined, true],
    ['kill', 204, undefined, false],
    ['kill', 409, 'Cannot kill container: c: Container c is not running', true],
    ['pause', 409, 'Container c is already paused', true],
    ['remove', 204, undefined, false],
    ['remove', 404, 'No such container: c', true],
    ['remove', 409, 'removal of container c is already in progress', true],
    ['removeVolume', 404, 'get v: no such volume', true],
    ['removeNetwork', 404, 'network n not found', true]
  ] as const)('%s with %i %s: %s', async (verb, status, message, alreadySo) => {
    const [route, run] = verbs[verb]
    answer(route, status, message)
    expect(await run()).toEqual({ alreadySo })
  })

  it.each([
    ['remove', 409, 'You cannot remove a running container c', 'conflict'],
    ['pause', 409, 'Container c is not running', 'conflict'],
    ['start', 404, 'No such container: c', 'not_found'],
    ['start', 500, 'OCI runtime create failed', 'server_error'],
    ['removeVolume', 409, 'remove v: volume is in use', 'conflict'],
    ['removeNetwork', 403, 'network n has active endpoints', 'forbidden']
  ] as const)('is not %s with %i %s', async (verb, status, daemonMessage, code) => {
    const [route, run] = verbs[verb]
    answer(route, status, daemonMessage)
    await expect(run()).rejects.toMatchObject({ name: 'DockerError', code, status, daemonMessage })
  })
})

describe('requests', () => {
  it('start a container without a body, which the Engine would refuse', async () => {
    let body: Buffer | undefined
    engine.on('POST /containers/c/start', async (request, reply) => {
      body = await request.body()
      reply.empty(204)
    })
    await docker.containers.start('c')
    expect(body).toHaveLength(0)
  })

  it('carry names and filters safely', async () => {
    engine.on('POST /containers/create', (_request, reply) => reply.json(201, { Id: 'c', Warnings: [] }))
    engine.on('GET /containers/json', (_request, reply) => reply.json(200, []))
    engine.on('GET /images/a%2Fb%3Ac/json', (_request, reply) => reply.json(200, {}))
    await docker.containers.create({ Image: 'i' }, { name: 'a b' })
    await docker.containers.list({ all: true, filters: { label: ['x=y&z'] } })
    await docker.images.inspect('a/b:c')
    const [create, list] = engine.requests.filter(({ path }) => path.startsWith('/containers'))
    expect(create?.query.get('name')).toBe('a b')
    expect(Object.fromEntries(list?.query ?? [])).toEqual({ all: '1', filters: '{"label":["x=y&z"]}' })
  })

  it.each(['', '.', '..'])('refuse "%s" for an id, which would address another operation', async (id) => {
    await expect(docker.containers.remove(id)).rejects.toMatchObject({ code: 'bad_request', operation: 'containerRemove' })
    expect(engine.requests.some(({ method }) => method === 'DELETE')).toBe(false)
  })

  it('give stop the time that the container has, and more', async () => {
    engine.on('POST /containers/c/stop', (request, reply) => {
      setTimeout(() => reply.empty(204), Number(request.query.get('t')) * 1000)
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await docker.negotiate()
      const stopped = docker.containers.stop('c', { timeoutSeconds: 60 })
      await vi.waitUntil(() => engine.requests.some(({ path }) => path === '/containers/c/stop'))
      await vi.advanceTimersByTimeAsync(60_000)
      expect(await stopped).toEqual({ alreadySo: false })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('wait', () => {
  it('resolves when the Engine has begun to wait, and its exit when the container ends', async () => {
    let exit: (body: string) => void = () => {}
    engine.on('POST /containers/c/wait', (_request, { response }) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders()
      exit = (body) => response.end(body)
    })
    const wait = await docker.containers.wait('c', 'next-exit')
    exit('{"Error":null,"StatusCode":137}\n')
    expect(await wait.exit).toEqual({ statusCode: 137 })
    expect(engine.requests.at(-1)?.query.get('condition')).toBe('next-exit')
  })

  it('passes on that the Engine could not wait properly', async () => {
    engine.on('POST /containers/c/wait', (_request, reply) => reply.json(200, { StatusCode: -1, Error: { Message: 'runtime gone' } }))
    expect(await (await docker.containers.wait('c')).exit).toEqual({ statusCode: -1, error: 'runtime gone' })
  })

  it('is given up by cancel(), as a failed start needs, and closes its connection', async () => {
    let hasClosed: Promise<unknown> | undefined
    engine.on('POST /containers/c/wait', (_request, { socket, response }) => {
      hasClosed = once(socket, 'close')
      response.writeHead(200).flushHeaders()
    })
    const { exit, cancel } = await docker.containers.wait('c', 'next-exit')
    cancel()
    await expect(exit).rejects.toMatchObject({ code: 'aborted' })
    await hasClosed
  })

  it('is given up by the caller’s signal', async () => {
    engine.on('POST /containers/c/wait', (_request, { response }) => response.writeHead(200).flushHeaders())
    const controller = new AbortController()
    const { exit } = await docker.containers.wait('c', 'next-exit', { signal: controller.signal })
    controller.abort()
    await expect(exit).rejects.toMatchObject({ code: 'aborted' })
  })

  it('fails when the Engine ends it without an answer', async () => {
    engine.on('POST /containers/c/wait', (_request, { response }) => void response.writeHead(200).end())
    await expect((await docker.containers.wait('c')).exit).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('logs', () => {
  it('come apart into stdout and stderr', async () => {
    engine.on('GET /containers/c/logs', (_request, { response }) => void response.end(Buffer.concat([frame(1, 'out'), frame(2, 'err')])))
    const { stdout, stderr, closed } = await docker.containers.logs('c', { tail: 10 })
    expect([await text(stdout), await text(stderr)]).toEqual(['out', 'err'])
    await closed
  })

  it('that break off are an error', async () => {
    engine.on('GET /containers/c/logs', (_request, { response }) => {
      response.write(frame(1, 'out'), () => response.destroy())
    })
    await expect((await docker.containers.logs('c', { follow: true })).closed).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('followed by a hundred do not starve start', async () => {
    const connections: Socket[] = []
    engine.on('GET /containers/*/logs', (_request, { socket, response }) => {
      connections.push(socket)
      response.writeHead(200).flushHeaders()
    })
    engine.on('POST /containers/c/start', (_request, reply) => reply.empty(204))
    const followers = await Promise.all(Array.from({ length: 100 }, () => docker.containers.logs('c', { follow: true })))
    expect(await docker.containers.start('c', { deadlineMs: 1000 })).toEqual({ alreadySo: false })
    for (const { destroy } of followers) destroy()
    await vi.waitUntil(() => connections.every(({ destroyed }) => destroyed))
    expect(connections).toHaveLength(100)
  })

  it('stops that take long keep no short call waiting', async () => {
    const narrow = createDockerClient({ host: engine.host, connections: { calls: 1, streams: 2 } })
    const stopping: FakeReply[] = []
    engine.on('POST /containers/stubborn/stop', (_request, reply) => { stopping.push(reply) })
    engine.on('POST /containers/other/start', (_request, reply) => reply.empty(204))
    const stops = [narrow.containers.stop('stubborn'), narrow.containers.stop('stubborn')]
    await vi.waitUntil(() => stopping.length === 2)
    await narrow.containers.start('other')
    for (const reply of stopping) reply.empty(204)
    await Promise.all(stops)
    await narrow.close()
  })

  it('over the bound wait their turn, and no longer than their deadline', async () => {
    const narrow = createDockerClient({ host: engine.host, connections: { streams: 1 } })
    engine.on('GET /containers/c/logs', (_request, { response }) => response.writeHead(200).flushHeaders())
    const first = await narrow.containers.logs('c', { follow: true })
    await expect(narrow.containers.logs('c', {}, { deadlineMs: 30 })).rejects.toMatchObject({ code: 'timeout' })
    first.destroy()
    const second = await narrow.containers.logs('c')
    second.destroy()
    await narrow.close()
  })
})

describe('stats', () => {
  it('are one reading at once', async () => {
    engine.on('GET /containers/c/stats', (request, reply) => reply.json(200, { query: request.query.toString() }))
    expect(await docker.containers.stats('c')).toEqual({ query: 'stream=0&one-shot=1' })
  })
})

describe('archives', () => {
  const stat = { name: 'a', size: 3, mode: 420, mtime: '2026-01-01T00:00:00Z', linkTarget: '' }
  const header = { 'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64') }

  it('come with what the path is', async () => {
    engine.on('GET /containers/c/archive', (_request, { response }) => void response.writeHead(200, header).end('tar'))
    const archive = await docker.containers.getArchive('c', '/a')
    expect(archive.stat).toEqual(stat)
    expect((await buffer(archive.tar)).toString()).toBe('tar')
  })

  it('can be asked about without reading', async () => {
    engine.on('HEAD /containers/c/archive', (_request, { response }) => void response.writeHead(200, header).end())
    expect(await docker.containers.statPath('c', '/a')).toEqual(stat)
  })

  it('without a path are not found, although HEAD has no body to say so', async () => {
    engine.on('HEAD /containers/c/archive', (_request, reply) => reply.empty(404))
    await expect(docker.containers.statPath('c', '/a')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are uploaded as they come', async () => {
    let received: string | undefined
    engine.on('PUT /containers/c/archive', async (request, reply) => {
      received = (await request.body()).toString()
      reply.empty(200)
    })
    await docker.containers.putArchive('c', '/', Readable.from([Buffer.from('t'), Buffer.from('ar')]))
    expect(received).toBe('tar')
  })
})
