import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { sendErrorTo } from './error-answer.ts'

const explanations: Readonly<Record<string, { statusCode: number, code: string, message: string }>> = {
  HPE_HEADER_OVERFLOW: { statusCode: 431, code: 'HEADERS_TOO_LARGE', message: 'The head of a request can have 16384 bytes. Send shorter headers, or a shorter address' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { statusCode: 413, code: 'TOO_LARGE', message: 'The extensions of the body\'s chunks are too long. Send the chunks without any' },
  ERR_HTTP_REQUEST_TIMEOUT: { statusCode: 408, code: 'REQUEST_TIMEOUT', message: 'The head of the request did not come in time. Send it at once' }
}
const unreadable = { statusCode: 400, code: 'BAD_REQUEST', message: 'This is no HTTP/1.1 request that can be read' }

/** Answers what the HTTP parser refuses, in the contract's shape. */
export function answerClientError (error: NodeJS.ErrnoException & { readonly reason?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { reason } = error
  const explanation = explanations[error.code ?? ''] ?? { ...unreadable, message: `${unreadable.message}${reason === undefined ? '' : `: ${reason}`}. Check what the client, or a proxy before the server, sends` }
  sendErrorTo(socket, { ...explanation, requestId: randomUUID() })
}
