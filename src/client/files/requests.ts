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
  readonly resolve: (answer: never) => void
  readonly reject: (error: RequestError) => void
}

const disconnected = (): RequestError => new RequestError(DISCONNECTED, 'There is no connection to the server at the moment.')

/** The requests of one connection that wait for their answers. `send` is false when there is nobody to send to. */
export function createRequests (send: (message: object) => boolean) {
  const pending = new Map<number, Pending>()
  let lastId = 0

  const request: Request = async (op, fields) => {
    const id = ++lastId
    if (!send({ id, op, ...fields })) throw disconnected()
    return await new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
  }

  return {
    request,
    settle (answer: Answer): void {
      const waiting = pending.get(answer.id)
      pending.delete(answer.id)
      if (answer.ok) waiting?.resolve(answer as never)
      else waiting?.reject(toError(answer))
    },
    /** The connection is gone: whether what waits was done, nobody knows. */
    abandon (): void {
      for (const { reject } of pending.values()) reject(disconnected())
      pending.clear()
    }
  }
}

function toError ({ code, message, etag }: Answer): RequestError {
  return new RequestError(String(code), String(message), typeof etag === 'string' ? etag : undefined)
}
