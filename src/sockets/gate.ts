import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { WebSocket } from 'ws'
import { errors } from '../errors.ts'
import { createConnection, type Connection } from './connection.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Why a socket is closed as soon as it is open. */
    refusal: Error | null
  }
}

export interface SocketGate {
  /** Finds out who asks; refuses whoever wants no socket, or comes from a foreign page. */
  readonly identify: onRequestAsyncHookHandler
  /** Talks with a client that may, and closes with what it throws otherwise. */
  readonly serve: (socket: WebSocket, request: FastifyRequest, talk: (connection: Connection) => Promise<void>) => void
}

/**
 * A page may not see the status of a refused handshake, so whoever comes from the right origin gets the handshake first,
 * and then a close code that says why.
 */
export function createSocketGate (auth: FastifyInstance['auth']): SocketGate {
  async function run (connection: Connection, request: FastifyRequest, talk: (connection: Connection) => Promise<void>): Promise<void> {
    const { refusal, principal } = request
    if (refusal !== null) throw refusal
    const stopWatching = principal === null ? undefined : auth.onRevoked(principal, () => connection.refuse(new errors.UNAUTHENTICATED()))
    try {
      await talk(connection)
    } finally {
      stopWatching?.()
    }
  }

  return {
    async identify (request) {
      try {
        await auth.identify(request)
      } catch (error) {
        if (!request.ws || error instanceof errors.ORIGIN_NOT_ALLOWED) throw error
        request.refusal = error as Error
      }
    },
    serve (socket, request, talk) {
      const connection = createConnection(socket)
      run(connection, request, talk).catch((error: unknown) => {
        if (connection.closed.aborted) return
        request.log.info({ err: error }, 'socket refused')
        connection.refuse(error)
      })
    }
  }
}
