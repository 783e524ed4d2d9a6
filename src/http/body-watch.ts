import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors } from '../errors.ts'
import { createLoop } from '../lib/loop.ts'
import { sendError } from './error-answer.ts'

export interface BodyWatch {
  /** Ends the request if its body stops coming. */
  readonly watch: (request: IncomingMessage, response: ServerResponse) => void
  /** For uploads, whose client may have to fetch what it sends. */
  readonly allow: (request: IncomingMessage, patienceMs: number) => void
  /** Who answers a body that has stopped; false where nobody waits for it, and it is answered here. */
  readonly onStall: (request: IncomingMessage, fail: () => boolean) => void
  readonly check: () => void
  readonly start: () => void
  readonly stop: () => Promise<void>
}

const BODY_PATIENCE_MS = 30_000
export const UPLOAD_PATIENCE_MS = 120_000
const INTERVAL_MS = 2_000
/** What is still sent after the answer is read and thrown away for so long. */
const LINGER_MS = 10_000

export function announcesBody ({ headers: { 'content-length': length = '0', 'transfer-encoding': encoding } }: IncomingMessage): boolean {
  return encoding !== undefined || Number(length) > 0
}

interface Awaited {
  readonly response: ServerResponse
  patienceMs: number
  fail?: () => boolean
  bytes: number
  /** When the newest byte came, or we were the ones who did not read. */
  movedAt: number
  answeredAt?: number
}

/** A client that announces a body and does not send it would hold its connection for ever: it has to go on within a while. */
export function createBodyWatch ({ patienceMs = BODY_PATIENCE_MS, now = () => performance.now() }: { patienceMs?: number, now?: () => number } = {}): BodyWatch {
  const awaited = new Map<IncomingMessage, Awaited>()

  function look (request: IncomingMessage, state: Awaited): void {
    if (request.complete || request.destroyed) {
      awaited.delete(request)
      return
    }
    const { response } = state
    if (response.writableFinished) {
      state.answeredAt ??= now()
      if (now() - state.answeredAt > LINGER_MS) end(request)
      return
    }
    const { bytesRead } = request.socket
    // What lies in the buffer waits for us, and then the client cannot send more.
    if (bytesRead !== state.bytes || request.readableLength > 0) {
      state.bytes = bytesRead
      state.movedAt = now()
    } else if (now() - state.movedAt > state.patienceMs) {
      stall(request, state)
    }
  }

  function stall (request: IncomingMessage, state: Awaited): void {
    const { response, fail } = state
    if (!response.headersSent && fail !== undefined) {
      // Asked once; whoever has said that they answer has as much time for it.
      delete state.fail
      state.movedAt = now()
      if (fail()) return
    }
    if (!response.headersSent) {
      const { code, message } = new errors.REQUEST_TIMEOUT()
      sendError(request, response, { statusCode: 408, code, message, requestId: randomUUID() })
    }
    end(request)
  }

  function end (request: IncomingMessage): void {
    awaited.delete(request)
    request.socket.destroySoon()
  }

  const check = (): void => { for (const [request, state] of awaited) look(request, state) }
  const loop = createLoop({ intervalMs: INTERVAL_MS, onError: () => undefined, work: async () => check() })
  return {
    watch (request, response) {
      if (!announcesBody(request)) return
      awaited.set(request, { response, patienceMs, bytes: request.socket.bytesRead, movedAt: now() })
      request.once('close', () => awaited.delete(request))
    },
    allow (request, longerMs) {
      const state = awaited.get(request)
      if (state !== undefined) state.patienceMs = longerMs
    },
    onStall (request, fail) {
      const state = awaited.get(request)
      if (state !== undefined) state.fail = fail
    },
    check,
    start: loop.start,
    stop: loop.stop
  }
}
