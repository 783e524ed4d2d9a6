import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { ANSWER_POLICY } from './policy.ts'

export interface AnsweredError {
  readonly statusCode: number
  readonly code: string
  readonly message: string
  readonly requestId: string
  readonly retryAfterSeconds?: number
}

const PATIENCE_MS = 2_000

function errorBody ({ statusCode, code, message, requestId }: AnsweredError): string {
  return JSON.stringify({ statusCode, code, error: STATUS_CODES[statusCode] ?? 'Error', message, requestId })
}

function headersOf (error: AnsweredError, body: string): Record<string, string> {
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Security-Policy': ANSWER_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'X-Request-ID': error.requestId,
    ...(error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.retryAfterSeconds) })
  }
}

/** Refuses a request before Fastify sees it. */
export function sendError (request: IncomingMessage, response: ServerResponse, error: AnsweredError): void {
  const body = errorBody(error)
  response.writeHead(error.statusCode, headersOf(error, body))
  response.end(body)
  request.resume()
}

/** The same where there is no response: before the parser has understood a request, or after it has left the connection. */
export function sendErrorTo (socket: Duplex, error: AnsweredError): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = errorBody(error)
  const head = Object.entries(headersOf(error, body)).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.on('error', () => undefined)
  socket.end(`HTTP/1.1 ${error.statusCode} ${STATUS_CODES[error.statusCode] ?? 'Error'}\r\n${head}Connection: close\r\n\r\n${body}`)
  closeSoon(socket)
}

/** Closed at once, with bytes of the client unread, the connection would be reset and the answer lost with it. */
function closeSoon (socket: Duplex): void {
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}
