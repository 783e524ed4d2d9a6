import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPreviewServer } from '../../../src/projects/preview/preview.ts'
import { createVisitors, type Visitors } from '../../../src/projects/preview/visitors.ts'
import { UnreachableError } from '../../../src/projects/preview/unreachable.ts'
import { waitFor } from '../../support/wait-for.ts'

const PROJECT = '00000000-0000-4000-8000-00000000000a'
const HOST = `3000--${PROJECT}.localhost`

let visitors: Visitors
let door: HttpServer
let app: Server
let answer: (socket: Socket, request: string) => void
let failure: Error | undefined

beforeEach(async () => {
  visitors = createVisitors()
  failure = undefined
  app = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => answer(socket, bytes.toString('latin1')))
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  const project = { userId: 'owner', audience: 'private', status: 'running', error: null, containerId: 'c', hostPort: null } as const
  const previews = createPreviewServer<{ userId: string }>({
    domain: 'localhost',
    protocol: 'http',
    headersTimeoutMs: 300,
    isBehindProxy: false,
    requestIdOf: () => 'r1',
    visit: async () => ({ kind: 'granted', project, principal: undefined, role: null }),
    countStranger: async () => undefined,
    ownPaths: { isArrival: () => false, isAfterArrival: () => false, isStart: () => false } as never,
    connect: async () => {
      if (failure !== undefined) throw failure
      const socket = connect((app.address() as AddressInfo).port, '127.0.0.1')
      await once(socket, 'connect')
      return socket
    },
    listening: async () => [],
    visitors,
    onRevoked: () => () => undefined,
    roles: { watch: () => () => undefined },
    isSessionToken: () => false,
    isPredefinedKey: () => false,
    touch: () => undefined,
    log: { info: () => undefined, error: () => undefined }
  })
  door = createHttpServer(previews.request).on('upgrade', previews.upgrade).listen(0, '127.0.0.1')
  await once(door, 'listening')
})
afterEach(() => {
  door.closeAllConnections()
  door.close()
  app.close()
})

async function ask (head = 'GET / HTTP/1.1\r\n', rest = ''): Promise<Socket> {
  const socket = connect((door.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined).setEncoding('latin1')
  socket.write(`${head}Host: ${HOST}\r\n${rest === '' ? 'Connection: close\r\n\r\n' : rest}`, 'latin1')
  await once(socket, 'connect')
  return socket
}
const read = async (socket: Socket): Promise<string> => await text(socket)
const allHaveLeft = async (): Promise<void> => { await waitFor('the visitors to have left', () => visitors.count(PROJECT) === 0) }

describe('the place of a visitor is free again', () => {
  it('when the app answers 101 to a plain request', async () => {
    answer = (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    const answers = await Promise.all([0, 1, 2].map(async () => await read(await ask())))
    for (const answered of answers) expect(answered).toMatch(/^HTTP\/1\.1 502[^]*answered 101 Switching Protocols/)
    await allHaveLeft()
  })

  it('when the app never answers, and when the visitor does not wait for that', async () => {
    answer = () => undefined
    expect(await read(await ask())).toMatch(/^HTTP\/1\.1 504/)
    const impatient = await ask()
    await waitFor('it to be let in', () => visitors.count(PROJECT) === 1)
    impatient.destroy()
    await allHaveLeft()
  })

  it('when the app reads nothing of a large body', async () => {
    answer = (socket) => socket.pause()
    const socket = await ask('POST / HTTP/1.1\r\n', `Content-Length: 50000000\r\nConnection: close\r\n\r\n${'x'.repeat(20_000_000)}`)
    expect(await read(socket)).toMatch(/^HTTP\/1\.1 504/)
    await allHaveLeft()
  })

  it('when the app says only that it will', async () => {
    answer = (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n')
    expect(await read(await ask())).toMatch(/504/)
    await allHaveLeft()
  })

  it.each([
    ['before its answer', ''], ['in the head of its answer', 'HTTP/1.1 200 OK\r\nX-A: 1'], ['in the body of its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf']
  ])('when the app hangs up %s', async (_where, bytes) => {
    answer = (socket) => socket.end(bytes)
    await read(await ask()).catch(() => '')
    answer = (socket) => socket.write(bytes, () => socket.resetAndDestroy())
    await read(await ask()).catch(() => '')
    await allHaveLeft()
  })

  it('when an app does not take a WebSocket, says nothing to it, or leaves it', async () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    answer = (socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    expect(await read(await ask(undefined, upgrade))).toMatch(/^HTTP\/1\.1 404/)
    answer = () => undefined
    expect(await read(await ask(undefined, upgrade))).toMatch(/^HTTP\/1\.1 504/)
    answer = (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const socket = await ask(undefined, upgrade)
    expect(await read(socket)).toMatch(/^HTTP\/1\.1 101/)
    await allHaveLeft()
  })
})

describe('bytes of headers', () => {
  it.each([
    ['UTF-8 before a length', 'Content-Disposition: attachment; filename="caf\xc3\xa9"\r\nContent-Length: 2\r\n\r\nok', 'filename="caf\xc3\xa9"'],
    ['UTF-8 after a length', 'Content-Length: 2\r\nContent-Disposition: attachment; filename="caf\xc3\xa9"\r\n\r\nok', 'filename="caf\xc3\xa9"'],
    ['Latin-1 with chunks', 'Transfer-Encoding: chunked\r\nX-Name: \xe9\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'X-Name: \xe9\r\n'],
    ['Latin-1 without a body', 'X-Name: \xe9\r\nContent-Length: 0\r\n\r\n', 'X-Name: \xe9\r\n']
  ])('come to the browser as they are: %s', async (_what, rest, expected) => {
    answer = (socket) => socket.end(`HTTP/1.1 200 Tr\xe8s bien\r\n${rest}`, 'latin1')
    const answered = await read(await ask())
    expect(answered).toContain(expected)
    expect(answered).toMatch(/^HTTP\/1\.1 200 Tr\xe8s bien\r\n/)
  })

  it.each(['HEAD', 'GET'])('come to the browser of a 304 and a %s as they are', async (method) => {
    answer = (socket) => socket.end('HTTP/1.1 304 Not Modified\r\nETag: "\xe9"\r\n\r\n', 'latin1')
    expect(await read(await ask(`${method} / HTTP/1.1\r\n`))).toContain('ETag: "\xe9"\r\n')
  })

  it('come to the app as they are, with a body and without', async () => {
    const seen: string[] = []
    answer = (socket, request) => {
      seen.push(request)
      socket.end('HTTP/1.1 204 No Content\r\n\r\n')
    }
    await read(await ask('GET /caf%C3%A9 HTTP/1.1\r\n', 'X-Name: \xe9\r\nCookie: a=\xc3\xa9\r\nConnection: close\r\n\r\n'))
    await read(await ask('POST / HTTP/1.1\r\n', 'Content-Length: 2\r\nContent-Disposition: x="\xc3\xa9"\r\nConnection: close\r\n\r\nok'))
    expect(seen[0]).toMatch(/X-Name: \xe9\r\n[^]*Cookie: a=\xc3\xa9\r\n/)
    expect(seen[1]).toContain('Content-Disposition: x="\xc3\xa9"\r\n')
  })
})

describe('an answer that cannot be shown', () => {
  it.each([
    ['HTTP/1.1 200 OK\nContent-Length: 2\n\nok', /line feed alone/],
    ['HTTP/1.1 200 OK\r\nA: 1\nContent-Length: 2\r\n\r\nok', /line feed alone/],
    ['<html>hello</html>', /not HTTP: it has no status line/],
    ['\x15\x03\x01\x00\x02\x02\x46', /speaks TLS/],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok', /not valid HTTP: /],
    ['HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok', /not valid HTTP: /],
    [`HTTP/1.1 200 OK\r\nX-Big: ${'a'.repeat(300_000)}\r\n\r\n`, /more than 262144 bytes of headers/]
  ])('is explained: %j', async (bytes, message) => {
    answer = (socket) => socket.end(bytes, 'latin1')
    const answered = await read(await ask())
    expect(answered).toMatch(/^HTTP\/1\.1 502/)
    expect(answered).toMatch(message)
    await allHaveLeft()
  })

  it('is none for its size alone: large headers pass', async () => {
    answer = (socket) => socket.end(`HTTP/1.1 200 OK\r\nX-Big: ${'a'.repeat(60_000)}\r\nContent-Length: 2\r\n\r\nok`)
    const answered = await read(await ask())
    expect([answered.slice(0, 12), answered.includes('a'.repeat(60_000)), answered.endsWith('ok')]).toEqual(['HTTP/1.1 200', true, true])
  })

  it('is a 503 where the way to the app does not answer', async () => {
    failure = new UnreachableError('stuck')
    expect(await read(await ask())).toMatch(/^HTTP\/1\.1 503[^]*PREVIEW_STUCK/)
    await allHaveLeft()
  })
})
