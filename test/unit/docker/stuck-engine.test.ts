import { once } from 'node:events'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { countSockets } from '../../support/descriptors.ts'
import { startFakeEngine, switchingProtocols, type FakeEngine, type FakeHandler } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient
let socketsBefore: number

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  await docker.negotiate()
  await vi.waitUntil(() => engine.sockets.size === 0)
  socketsBefore = countSockets()
})

afterEach(async () => {
  vi.useRealTimers()
  await docker.close()
  await engine.close()
})

const neverAnswers: FakeHandler = () => {}
const answersHalfAHead: FakeHandler = (_request, { socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Le')
const answersHalfABody: FakeHandler = (_request, { socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"Id":')
const hangsUp: FakeHandler = (_request, { socket }) => void socket.destroy()
const hangsUpInTheBody: FakeHandler = (_request, { socket }) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"Id":')
const speaksAnotherProtocol: FakeHandler = (_request, { socket }) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')
const answersHtml: FakeHandler = (_request, reply) => reply.text(200, '<html>')
const redirects: FakeHandler = (_request, reply) => reply.empty(301)

describe('an Engine that', () => {
  it.each([
    ['never answers', neverAnswers, 'timeout'],
    ['answers half a head', answersHalfAHead, 'timeout'],
    ['answers half a body', answersHalfABody, 'timeout'],
    ['hangs up', hangsUp, 'unavailable'],
    ['hangs up inside the body', hangsUpInTheBody, 'unavailable'],
    ['speaks another protocol', speaksAnotherProtocol, 'protocol'],
    ['answers HTML', answersHtml, 'protocol'],
    ['redirects', redirects, 'protocol']
  ] as const)('%s costs a call its deadline at most, and no socket', async (_name, handler, code) => {
    engine.on('GET /containers/c/json', handler)
    await expect(docker.containers.inspect('c', { deadlineMs: 100 })).rejects.toMatchObject({ code, operation: 'containerInspect' })

    engine.on('GET /containers/c/json', (_request, reply) => reply.json(200, { Id: 'c' }))
    expect(await docker.containers.inspect('c')).toEqual({ Id: 'c' })
    await docker.close()
    await vi.waitFor(() => expect(countSockets()).toBe(socketsBefore))
  })

  it('hangs on one container leaves the others working, whatever the number of calls that hang', async () => {
    const narrow = createDockerClient({ host: engine.host, connections: { calls: 2 } })
    engine.on('GET /containers/stuck/json', neverAnswers)
    engine.on('GET /containers/c/json', (_request, reply) => reply.json(200, { Id: 'c' }))
    const hanging = Array.from({ length: 6 }, () => narrow.containers.inspect('stuck', { deadlineMs: 50 }))
    const results = await Promise.allSettled(hanging)
    expect(results.map((result) => result.status === 'rejected' && (result.reason as { code: string }).code)).toEqual(Array(6).fill('timeout'))
    expect(await narrow.containers.inspect('c', { deadlineMs: 1000 })).toEqual({ Id: 'c' })
    await narrow.close()
  })

  it('does not take the upload fails at the deadline, although the upload has no end', async () => {
    engine.on('POST /build', neverAnswers)
    const endless = new Readable({ read () { this.push(Buffer.alloc(64 * 1024)) } })
    await expect(docker.images.build(endless, {}, { deadlineMs: 100 }).next()).rejects.toMatchObject({ code: 'timeout' })
    await vi.waitFor(() => expect(endless.destroyed).toBe(true))
  })

  it('refuses the version stays refused when the upload has been sent', async () => {
    engine.on('POST /build', (_request, reply) => reply.json(400, { message: 'client version 1.41 is too old. Minimum supported API version is 1.44' }))
    await expect(docker.images.build(Readable.from([Buffer.from('tar')])).next()).rejects.toMatchObject({ code: 'bad_request' })
  })
})

describe('a slow producer', () => {
  it('is not the Engine’s fault', async () => {
    engine.on('POST /build', async (request, reply) => {
      reply.text(200, `{"stream":"${(await request.body()).toString()}"}`)
    })
    let produceSecond: (chunk: Buffer) => void = () => {}
    let isAskedAgain = false
    async function * produce () {
      yield Buffer.from('first,')
      isAskedAgain = true
      yield await new Promise<Buffer>((resolve) => { produceSecond = resolve })
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const built = docker.images.build(produce()).next()
    await vi.waitUntil(() => isAskedAgain)
    await vi.advanceTimersByTimeAsync(3_600_000)
    vi.useRealTimers()
    produceSecond(Buffer.from('second'))
    expect(await built).toEqual({ done: false, value: { stream: 'first,second' } })
  })

  it('that fails is named', async () => {
    engine.on('POST /build', async (request) => void await request.body().catch(() => {}))
    const cause = new Error('disk full')
    const failing = new Readable({ read () { this.destroy(cause) } })
    await expect(docker.images.build(failing).next()).rejects.toMatchObject({ code: 'aborted', cause })
  })
})

describe('an Engine that restarts', () => {
  it('is unavailable in between and found again without our doing anything', async () => {
    engine.on('GET /containers/c/json', (request, reply) => reply.json(200, { version: request.version }))
    expect(await docker.containers.inspect('c')).toEqual({ version: '1.41' })
    await engine.stop()
    await expect(docker.containers.inspect('c')).rejects.toMatchObject({ code: 'unavailable', cause: { code: 'ENOENT' } })
    await expect(docker.containers.attach('c')).rejects.toMatchObject({ code: 'unavailable' })
    await engine.start('1.44')
    expect(await docker.containers.inspect('c')).toEqual({ version: '1.44' })
  })

  it('ends what runs: calls, followed logs, waits and attached streams', async () => {
    engine.on('GET /containers/c/json', neverAnswers)
    engine.on('GET /containers/c/logs', (_request, { response }) => response.writeHead(200).flushHeaders())
    engine.on('POST /containers/c/wait', (_request, { response }) => response.writeHead(200).flushHeaders())
    engine.on('POST /containers/c/attach', (_request, { socket }) => void socket.write(switchingProtocols))
    const logs = await docker.containers.logs('c', { follow: true })
    const wait = await docker.containers.wait('c')
    const stream = await docker.containers.attach('c')
    const inspect = docker.containers.inspect('c')
    await vi.waitUntil(() => engine.requests.some(({ path }) => path === '/containers/c/json'))
    const stopped = engine.stop()
    await expect(inspect).rejects.toMatchObject({ code: 'unavailable' })
    await expect(logs.closed).rejects.toMatchObject({ code: 'unavailable' })
    await expect(wait.exit).rejects.toMatchObject({ code: 'unavailable' })
    await stream.closed
    await stopped
  })
})

describe('the caller’s signal', () => {
  it('is told apart from the deadline, and let go of when the call is done', async () => {
    const controller = new AbortController()
    const remove = vi.spyOn(controller.signal, 'removeEventListener')
    engine.on('GET /containers/c/json', (_request, reply) => reply.json(200, {}))
    await docker.containers.inspect('c', { signal: controller.signal })
    expect(remove).toHaveBeenCalledOnce()

    engine.on('GET /containers/c/json', () => controller.abort(new Error('client left')))
    await expect(docker.containers.inspect('c', { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted', cause: { message: 'client left' } })
    await expect(docker.containers.inspect('c', { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' })
  })

  it('does not take the id of a container away that the Engine makes', async () => {
    const controller = new AbortController()
    engine.on('POST /containers/create', (_request, reply) => {
      controller.abort()
      reply.json(201, { Id: 'c', Warnings: null })
    })
    expect(await docker.containers.create({ Image: 'i' }, {}, { signal: controller.signal })).toMatchObject({ Id: 'c' })
    await expect(docker.containers.create({ Image: 'i' }, {}, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' })
    expect(engine.requests.filter(({ path }) => path === '/containers/create')).toHaveLength(1)
  })
})

describe('closing the client', () => {
  it('ends its calls', async () => {
    engine.on('GET /containers/c/json', neverAnswers)
    const inspect = docker.containers.inspect('c')
    const [socket] = await vi.waitUntil(() => engine.requests.some(({ path }) => path === '/containers/c/json') && [...engine.sockets])
    const closed = socket && once(socket, 'close')
    await docker.close()
    await expect(inspect).rejects.toMatchObject({ code: 'unavailable' })
    await closed
  })
})
