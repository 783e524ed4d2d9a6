import type { FastifyReply } from 'fastify'
import { errors } from '../errors.ts'

/** Aborted when the client goes away before it has its answer. */
export function abortOnDisconnect (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new errors.CLIENT_GONE())
  })
  return controller.signal
}
