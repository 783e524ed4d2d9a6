import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { owesBody } from '../../http/discard.ts'
import { MAX_HEAD_BYTES, toUnreachable } from './diagnose.ts'
import { UnreachableError } from './unreachable.ts'

export interface Exchange {
  readonly request: IncomingMessage
  /** To the app; for this request alone. */
  readonly socket: Duplex
  readonly headers: readonly string[]
  /** How long the app may think once it has the whole request, and how long it may read nothing of it before. */
  readonly headersTimeoutMs: number
  /** Something was sent, either way. */
  readonly onBytes: () => void
}

/**
 * node:http rather than a pooled client: every request has a connection of its own, in whose place any Duplex will do, and
 * a refused upgrade is an ordinary response with its body.
 */
export function startRequest ({ request, socket, headers, headersTimeoutMs }: Exchange): ClientRequest {
  const upstream = httpRequest({ createConnection: () => socket, method: request.method, path: request.url, headers, maxHeaderSize: MAX_HEAD_BYTES })
  const isWaitingForClient = (): boolean => owesBody(request) && request.readableLength === 0 && upstream.writableLength === 0
  const timer = setTimeout(() => {
    if (isWaitingForClient()) timer.refresh()
    else upstream.destroy(new UnreachableError('silent'))
  }, headersTimeoutMs)
  const rearm = (): void => { timer.refresh() }
  const disarm = (): void => {
    clearTimeout(timer)
    request.off('data', rearm)
    // A refresh would set the timer again.
    upstream.off('finish', rearm)
  }
  request.on('data', rearm)
  upstream.once('finish', rearm)
  upstream.once('response', disarm).once('upgrade', disarm).once('close', disarm)
  return upstream
}

/** Sends the request and its body. Resolves with the head of the answer, rejects with UnreachableError. */
export async function sendRequest (exchange: Exchange): Promise<IncomingMessage> {
  const { request, onBytes } = exchange
  const upstream = startRequest(exchange)
  // Not a pipeline: that would cut the client's connection, over which it must still be told what went wrong.
  request.pipe(upstream)
  request.on('data', onBytes)
  upstream.once('close', () => {
    // An answer may come before all of the request is read. What is left must go somewhere, or the connection is stuck.
    request.unpipe(upstream)
    request.resume()
  })
  return await new Promise((resolve, reject) => {
    upstream.once('response', resolve)
    // Nobody asked for another protocol, and to node that is neither an answer nor an error.
    upstream.once('upgrade', (_answer, socket) => {
      socket.destroy()
      reject(new UnreachableError('invalid', { detail: 'answered 101 Switching Protocols to a request that asked for no such thing' }))
    })
    upstream.on('error', (error) => reject(toUnreachable(error)))
    upstream.once('close', () => reject(new UnreachableError('broken')))
  })
}

/** Passes the answer on as it comes. When the app breaks off, so does the client's connection. */
export async function sendResponse (answer: IncomingMessage, response: ServerResponse, headers: string[], onBytes: () => void): Promise<void> {
  try {
    response.writeHead(answer.statusCode ?? 0, answer.statusMessage, headers)
  } catch (error) {
    throw new UnreachableError('invalid', { cause: error, detail: 'answered with a status or a header that HTTP does not have' })
  }
  // Sent also without a first byte of body: an event stream is open from here on. Not by flushHeaders, which would write
  // the bytes of headers, each a character here, as UTF-8.
  response.write(Buffer.alloc(0))
  answer.on('data', onBytes)
  await pipeline(answer, response)
}
