import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

export interface FakeRequest {
  method: string
  /** Without the version prefix and the query. */
  path: string
  version: string | undefined
  query: URLSearchParams
  headers: IncomingMessage['headers']
  /** Reads an ordinary request's body; nothing is read before. */
  body: () => Promise<Buffer>
}

export interface FakeReply {
  /** The connection itself, for answers that are not HTTP, or only half of it. */
  socket: Socket
  /** The HTTP answer; not for upgrades. */
  response: ServerResponse
  json: (status: number, body: unknown) => void
  text: (status: number, body: string) => void
  empty: (status: number) => void
}

export type FakeHandler = (request: FakeRequest, reply: FakeReply) => void | Promise<void>

export interface FakeEngineOptions {
  apiVersion?: string
  listen?: { kind: 'unix' } | { kind: 'tcp' } | { kind: 'tls', cert: string, key: string, clientCa?: string }
}

export type FakeEngine = Awaited<ReturnType<typeof startFakeEngine>>

/** What the Engine sends before it leaves HTTP: the 101 of API 1.41. */
export const switchingProtocols =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'

/** One frame of the Engine's multiplexed output. */
export function frame (type: number, payload: string | Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(type)
  header.writeUInt32BE(Buffer.byteLength(payload), 4)
  return Buffer.concat([header, Buffer.from(payload)])
}

/** A scripted Engine: answers `_ping`, and whatever a test tells it to, byte by byte if need be. */
export async function startFakeEngine ({ apiVersion = '1.41', listen = { kind: 'unix' } }: FakeEngineOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'fake-engine-'))
  const socketPath = join(directory, 'engine.sock')
  const handlers = new Map<string, FakeHandler>()
  const requests: FakeRequest[] = []
  const sockets = new Set<Socket>()
  let server: Server
  let port = 0
  let version = apiVersion

  const engine = {
    get host () {
      return listen.kind === 'unix' ? `unix://${socketPath}` : `tcp://127.0.0.1:${port}`
    },
    requests,
    /** The connections that clients hold at the moment. */
    sockets,
    /** `METHOD /path`, where `*` stands for one segment. The last one told wins. */
    on (route: string, handler: FakeHandler) {
      handlers.set(route, handler)
    },
    /** Cuts every connection and stops listening. */
    async stop () {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
    /** Listens again at the same place, as an Engine of another version if need be. */
    async start (newVersion = version) {
      version = newVersion
      server = createHttpServer()
      server.listen(listen.kind === 'unix' ? socketPath : { host: '127.0.0.1', port })
      await once(server, 'listening')
      if (listen.kind !== 'unix') port = (server.address() as AddressInfo).port
    },
    async close () {
      if (server.listening) await engine.stop()
      rmSync(directory, { recursive: true })
    }
  }

  function createHttpServer (): Server {
    const created = listen.kind === 'tls'
      ? createTlsServer({
        // As plain servers have it; otherwise a client's half-close ends both halves.
        allowHalfOpen: true,
        cert: listen.cert,
        key: listen.key,
        ...(listen.clientCa === undefined ? {} : { ca: listen.clientCa, requestCert: true, rejectUnauthorized: true })
      })
      : createServer()
    created.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    })
    created.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      handle(incoming, createReply(incoming.socket, response), () => readAll(incoming))
    })
    created.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => {})
      const length = Number(incoming.headers['content-length'] ?? 0)
      const reply = createReply(socket as Socket, undefined)
      handle(incoming, reply, () => readExactly(socket, head, length))
    })
    return created
  }

  function handle (incoming: IncomingMessage, reply: FakeReply, body: () => Promise<Buffer>): void {
    const url = new URL(incoming.url ?? '/', 'http://engine')
    const [, prefix, path = '/'] = /^(?:\/v(\d+\.\d+))?(\/.*)$/.exec(url.pathname) ?? []
    const request: FakeRequest = { method: incoming.method ?? '', path, version: prefix, query: url.searchParams, headers: incoming.headers, body }
    requests.push(request)
    const handler = findHandler(request)
    if (handler !== undefined) void handler(request, reply)
    else if (path === '/_ping') answerPing(reply)
    else reply.json(404, { message: 'page not found' })
  }

  function answerPing ({ response }: FakeReply): void {
    response.setHeader('Api-Version', version)
    response.end('OK')
  }

  function findHandler ({ method, path }: FakeRequest): FakeHandler | undefined {
    const matches = [...handlers].filter(([route]) => {
      const [routeMethod, pattern = ''] = route.split(' ')
      return routeMethod === method && new RegExp(`^${pattern.replaceAll('*', '[^/]+')}$`).test(path)
    })
    return matches.at(-1)?.[1]
  }

  await engine.start()
  return engine
}

function createReply (socket: Socket, response: ServerResponse | undefined): FakeReply {
  const send = (status: number, type: string, body: string) => {
    const length = Buffer.byteLength(body)
    if (response !== undefined) response.writeHead(status, { 'Content-Type': type, 'Content-Length': length }).end(body)
    else hangUpWithClient(socket).write(`HTTP/1.1 ${status} Refused\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`)
  }
  return {
    socket,
    get response () {
      if (response === undefined) throw new Error('an upgrade is answered through its socket')
      return response
    },
    json: (status, body) => send(status, 'application/json', JSON.stringify(body)),
    text: (status, body) => send(status, 'text/plain', body),
    empty: (status) => response?.writeHead(status).end()
  }
}

/** Closes our half of a hijacked connection when the client has closed its own. */
export function hangUpWithClient (socket: Socket): Socket {
  return socket.resume().once('end', () => socket.end())
}

/** Reads a hijacked connection up to the client's half-close and keeps our half open. */
export async function readInput (socket: Socket): Promise<string> {
  let input = ''
  socket.on('data', (chunk: Buffer) => { input += chunk.toString() })
  await once(socket, 'end')
  return input
}

async function readAll (stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Leaves what follows, which is the hijacked stream's input, in the socket. */
async function readExactly (socket: Duplex, head: Buffer, length: number): Promise<Buffer> {
  let received = head
  while (received.length < length) {
    const [chunk] = await once(socket, 'data') as [Buffer]
    received = Buffer.concat([received, chunk])
  }
  socket.pause()
  if (received.length > length) socket.unshift(received.subarray(length))
  return received.subarray(0, length)
}
