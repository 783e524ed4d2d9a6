import { Readable } from 'node:stream'
import { Pool, type Dispatcher } from 'undici'
import { inSpan } from '../lib/span.ts'
import { createCallScope, type CallScope } from './call-scope.ts'
import type { Endpoint } from './endpoint.ts'
import { DockerError, errorFromCause, errorFromStatus } from './errors.ts'
import { exchangeStream, exchangeWhole, type Headers, type WholeResponse } from './exchange.ts'
import { openHijack, type HijackedConnection } from './hijack.ts'
import { defaultDeadlineMs, operations, type Operation, type OperationName } from './operations.ts'
import type { CallOptions, Outcome } from './options.ts'
import { requestPath, type Request } from './request.ts'
import { createUpload } from './upload.ts'
import { createVersionNegotiation, isVersionRefusal } from './version-negotiation.ts'

export type Reply = WholeResponse & Outcome

export interface StreamReply {
  headers: Headers
  body: Readable
}

export interface Transport {
  /** An ordinary call, read whole. */
  call: (name: OperationName, request?: Request, options?: CallOptions) => Promise<Reply>
  /** The same, with the answer parsed as JSON; its shape is the Engine's promise. */
  json: <T>(name: OperationName, request?: Request, options?: CallOptions) => Promise<T>
  /** Opens a stream: resolves with the head; the body must be read to its end or destroyed. */
  stream: (name: OperationName, request?: Request, options?: CallOptions) => Promise<StreamReply>
  hijack: (name: OperationName, request?: Request, options?: CallOptions) => Promise<HijackedConnection>
  negotiate: (options?: CallOptions) => Promise<string>
  close: () => Promise<void>
}

export interface TransportOptions {
  endpoint: Endpoint
  /** Most connections at once, for ordinary calls and for streams; more wait their turn. */
  connections: { calls: number, streams: number }
}

interface Exchange {
  name: OperationName
  request: Request
  scope: CallScope
}

const errorBodyLimitBytes = 64 * 1024

export function createTransport ({ endpoint, connections }: TransportOptions): Transport {
  const pools = {
    call: createPool(endpoint, connections.calls),
    stream: createPool(endpoint, connections.streams)
  }
  const negotiation = createVersionNegotiation((method, options) => call(method === 'HEAD' ? 'negotiate' : 'ping', {}, options))

  /** Runs one exchange under its deadline and signal. Whoever ends it well releases the scope. */
  async function within<T> (name: OperationName, request: Request, options: CallOptions, run: (exchange: Exchange, prefix: string) => Promise<T>): Promise<T> {
    return await inSpan(`Engine ${name}`, { 'http.request.method': operations[name].method, 'url.template': operations[name].path }, async () => await attempted(name, request, options, run))
  }

  async function attempted<T> (name: OperationName, request: Request, options: CallOptions, run: (exchange: Exchange, prefix: string) => Promise<T>): Promise<T> {
    const operation: Operation = operations[name]
    const scope = createCallScope(name, options, operation.deadlineMs ?? defaultDeadlineMs)
    const attempt = async () => run({ name, request, scope }, await versionPrefix(operation, options))
    try {
      return await attempt().catch((error: unknown) => {
        if (!isVersionRefusal(error)) throw error
        negotiation.forget()
        if (request.upload !== undefined) throw error
        return attempt()
      })
    } catch (cause) {
      scope.release()
      // Whoever packs the upload waits for it to be read.
      if (request.upload instanceof Readable) request.upload.destroy()
      const error = errorFromCause(name, cause)
      // Whoever answers next may be another Engine.
      if (error.code === 'unavailable') negotiation.forget()
      throw error
    }
  }

  function poolOf (name: OperationName): Pool {
    const { isLong = false }: Operation = operations[name]
    return isLong ? pools.stream : pools.call
  }

  async function versionPrefix (operation: Operation, options: CallOptions): Promise<string> {
    if (operation.path === '/_ping') return ''
    return `/v${negotiation.current() ?? await negotiation.negotiate(options)}`
  }

  async function call (name: OperationName, request: Request = {}, options: CallOptions = {}): Promise<Reply> {
    return within(name, request, options, async (exchange, prefix) => {
      const response = await exchangeWhole(poolOf(name), httpRequest(exchange, prefix), exchange.scope)
      const alreadySo = isAlreadySo(name, response)
      exchange.scope.release()
      return { ...response, alreadySo }
    })
  }

  async function json<T> (name: OperationName, request: Request = {}, options: CallOptions = {}): Promise<T> {
    const { text } = await call(name, request, options)
    try {
      return JSON.parse(text) as T
    } catch (cause) {
      throw new DockerError({ code: 'protocol', operation: name, message: 'the answer is not JSON', cause })
    }
  }

  async function stream (name: OperationName, request: Request = {}, options: CallOptions = {}): Promise<StreamReply> {
    return within(name, request, options, async (exchange, prefix) => {
      const { statusCode, headers, body } = await exchangeStream(pools.stream, httpRequest(exchange, prefix), exchange.scope)
      if (!isAccepted(name, statusCode)) throw errorFromStatus(name, statusCode, await readBounded(body))
      exchange.scope.stopDeadline()
      body.once('close', exchange.scope.release)
      return { headers, body }
    })
  }

  async function hijack (name: OperationName, request: Request = {}, options: CallOptions = {}): Promise<HijackedConnection> {
    return within(name, request, options, async ({ scope }, prefix) => {
      const path = prefix + requestPath(name, request)
      const connection = await openHijack(endpoint, { operation: name, path, body: request.body, scope })
      scope.stopDeadline()
      connection.socket.once('close', scope.release)
      return connection
    })
  }

  return {
    call,
    json,
    stream,
    hijack,
    negotiate: negotiation.negotiate,
    async close () {
      await Promise.all([pools.call.destroy(), pools.stream.destroy()])
    }
  }
}

function createPool (endpoint: Endpoint, connections: number): Pool {
  // Deadlines are ours, per call. undici's own (300 s) would end wait, events and followed logs.
  const options = { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 }
  if (endpoint.kind === 'unix') return new Pool('http://docker', { ...options, socketPath: endpoint.socketPath })
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  if (endpoint.tls === undefined) return new Pool(`http://${host}:${endpoint.port}`, options)
  const { verify, ...certificates } = endpoint.tls
  return new Pool(`https://${host}:${endpoint.port}`, { ...options, connect: { ...certificates, rejectUnauthorized: verify } })
}

function httpRequest ({ name, request, scope }: Exchange, prefix: string): Dispatcher.DispatchOptions {
  return { method: operations[name].method, path: prefix + requestPath(name, request), ...encodeBody(name, request, scope) }
}

function encodeBody (name: OperationName, { body, upload, headers }: Request, scope: CallScope): { body: string | Readable | null, headers: Record<string, string> } {
  if (upload !== undefined) return { body: createUpload(name, upload, scope), headers: { 'content-type': 'application/x-tar', ...headers } }
  if (body !== undefined) return { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }
  return { body: null, headers: headers ?? {} }
}

function isAccepted (name: OperationName, status: number): boolean {
  return operations[name].accepts.includes(status)
}

function isAlreadySo (name: OperationName, { status, text }: WholeResponse): boolean {
  if (isAccepted(name, status)) return false
  const error = errorFromStatus(name, status, text)
  const { alreadySo }: Operation = operations[name]
  if (alreadySo?.some((rule) => rule.status === status && (rule.message?.test(error.daemonMessage ?? '') ?? true))) return true
  throw error
}

async function readBounded (body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= errorBodyLimitBytes) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, errorBodyLimitBytes)
}
