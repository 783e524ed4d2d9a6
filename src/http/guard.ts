import type { IncomingHttpHeaders, IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { announcesBody, type BodyWatch } from './body-watch.ts'
import type { ConnectionLimit } from './connection-limit.ts'
import { sendError, sendErrorTo, type AnsweredError } from './error-answer.ts'
import { parseHost, type JudgeHost } from './hosts.ts'

/** Stands before everything else: before previews, before Fastify. */
export interface Guard {
  readonly serverOptions: ServerOptions
  readonly attach: (server: Server) => void
  /** False when the request has been answered. */
  readonly admit: (request: IncomingMessage, response: ServerResponse) => boolean
  readonly admitUpgrade: (request: IncomingMessage, socket: Duplex) => boolean
}

const HEADERS_TIMEOUT_MS = 20_000
const CHECK_MS = 5_000

export function createGuard ({ judgeHost, bodies, connections, requestIdOf }: {
  judgeHost: JudgeHost
  bodies: BodyWatch
  /** Undefined where all connections are a proxy's. */
  connections: ConnectionLimit | undefined
  requestIdOf: (headers: IncomingHttpHeaders) => string
}): Guard {
  function refusalOf (request: IncomingMessage): AnsweredError | undefined {
    return judgeHost(request) ? undefined : { ...hostNotAllowed(request), requestId: requestIdOf(request.headers) }
  }

  // The parser has them all the same, and would carry out what comes on them.
  const refused = new WeakSet<Duplex>()
  const isRefused = (socket: Duplex): boolean => {
    if (!refused.has(socket)) return false
    socket.destroy()
    return true
  }

  return {
    // A missing Host is ours to refuse: the parser's own answer has no body.
    serverOptions: { requireHostHeader: false, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0, connectionsCheckingInterval: CHECK_MS },
    attach (server) {
      if (connections !== undefined) server.on('connection', (socket) => { if (!connections.enter(socket)) refused.add(socket) })
      server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
        sendError(request, response, { statusCode: 417, code: 'EXPECTATION_FAILED', message: 'The only Expect that is met here is 100-continue. Leave the header out', requestId: requestIdOf(request.headers) })
      })
      server.on('connect', (request: IncomingMessage, socket: Duplex) => {
        sendErrorTo(socket, { statusCode: 405, code: 'METHOD_NOT_ALLOWED', message: 'This server is no proxy: there is no CONNECT. GET /docs lists what there is', requestId: requestIdOf(request.headers) })
      })
    },
    admit (request, response) {
      if (isRefused(request.socket)) return false
      bodies.watch(request, response)
      const refusal = refusalOf(request)
      if (refusal !== undefined) sendError(request, response, refusal)
      return refusal === undefined
    },
    admitUpgrade (request, socket) {
      if (isRefused(socket)) return false
      const refusal = refusalOf(request) ?? (announcesBody(request) ? { ...upgradeWithBody, requestId: requestIdOf(request.headers) } : undefined)
      if (refusal !== undefined) sendErrorTo(socket, refusal)
      return refusal === undefined
    }
  }
}

// The parser has left the connection by then: nobody would ever read it.
const upgradeWithBody = { statusCode: 400, code: 'BAD_REQUEST', message: 'A request that asks for another protocol can have no body. Leave the header Upgrade out; for curl, that is --http1.1' }

function hostNotAllowed ({ headers: { host } }: IncomingMessage) {
  const name = host === undefined ? undefined : parseHost(host)
  return {
    statusCode: 421,
    code: 'HOST_NOT_ALLOWED',
    message: `${name === undefined ? 'The request names no host' : `The host in the request, such as ${JSON.stringify(name)}, is none`} that this server is known by. Use localhost or PUBLIC_URL, or add the name to ALLOWED_HOSTS`
  }
}
