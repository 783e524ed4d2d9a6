import type { Answer, Operations } from '../../protocols/files.ts'

/** What the server, or the lack of one, made of a request. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: string
  /** Of what is there, when it is not what the request wanted there. */
  readonly etag: string | undefined

  constructor (code: string, message: string, etag?: string) {
    super(message)
    this.code = code
    this.etag = etag
  }
}

export const DISCONNECTED = 'DISCONNECTED'

export type Request = <Op extends keyof Operations>(op: Op, fields: Operations[Op]['fields']) => Promise<Operations[Op]['answer']>

interface Pending {
  readonly message: { readonly id: number, readonly op: keyof Operations }
  /** Whether doing it twice is the same as doing it once. */
  readonly isRepeatable: boolean
  readonly askedAt: number
  isSent: boolean
  deadline?: ReturnType<typeof setTimeout> | undefined
  readonly resolve: (answer: never) => void
  readonly reject: (error: RequestError) => void
}

// The server does sixteen at a time and reads nothing more meanwhile, not even whether somebody asks if it lives.
const MOST_SENT = 12
const DEADLINE_MS = 15_000

/**
 * The requests that wait for their answers, through as many connections as it takes: what can be repeated is sent again
 * when the connection is back. What would have to wait for one for longer than 15 seconds is rejected as DISCONNECTED, and
 * so is, at once, what was sent, has no answer, and should not be done twice.
 */
export function createRequests (send: (message: object) => void) {
  const pending = new Map<number, Pending>()
  let isConnected = false
  let lastId = 0

  function giveUp (id: number): void {
    take(id)?.reject(new RequestError(DISCONNECTED, 'There is no connection to the server at the moment.'))
  }

  function take (id: number): Pending | undefined {
    const waiting = pending.get(id)
    clearTimeout(waiting?.deadline)
    pending.delete(id)
    return waiting
  }

  function flush (): void {
    let sent = 0
    for (const waiting of pending.values()) {
      if (!isConnected || sent++ === MOST_SENT) return
      if (waiting.isSent) continue
      waiting.isSent = true
      clearTimeout(waiting.deadline)
      send(waiting.message)
    }
  }

  function awaitConnection (waiting: Pending): void {
    waiting.isSent = false
    clearTimeout(waiting.deadline)
    const leftMs = DEADLINE_MS - (performance.now() - waiting.askedAt)
    waiting.deadline = setTimeout(giveUp, Math.max(0, leftMs), waiting.message.id)
  }

  const request: Request = async (op, fields) => {
    const id = ++lastId
    return await new Promise((resolve, reject) => {
      const waiting: Pending = {
        message: { id, op, ...fields }, isRepeatable: isRepeatable(op, fields), askedAt: performance.now(), isSent: false, resolve, reject
      }
      pending.set(id, waiting)
      if (isConnected) flush()
      else awaitConnection(waiting)
    })
  }

  return {
    request,
    settle (answer: Answer): void {
      const waiting = take(answer.id)
      if (answer.ok) waiting?.resolve(answer as never)
      else waiting?.reject(toError(answer))
      flush()
    },
    connected (): void {
      isConnected = true
      flush()
    },
    lost (): void {
      isConnected = false
      for (const [id, waiting] of pending) {
        if (waiting.isSent && !waiting.isRepeatable) giveUp(id)
        else awaitConnection(waiting)
      }
    },
    /** There will be no connection. */
    abandon (): void {
      isConnected = false
      for (const id of pending.keys()) giveUp(id)
    }
  }
}

/**
 * What only looks, and a write over one version: the second of two is refused, for a version that is what it would have
 * written.
 */
function isRepeatable (op: keyof Operations, fields: object): boolean {
  return op === 'list' || op === 'find' || op === 'stat' || op === 'read' || 'ifMatch' in fields || 'ifNoneMatch' in fields
}

function toError ({ code, message, etag }: Answer): RequestError {
  return new RequestError(String(code), String(message), typeof etag === 'string' ? etag : undefined)
}
