import type { FastifyError, FastifyInstance } from 'fastify'
import { reportError } from '../../../plugins/error-handler.ts'

/** Errors of this scope have Piston's shape: a message, and nothing else. */
export function usePistonErrors (app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>(async (thrown, request, reply) => {
    const { message } = reportError(thrown, request, reply)
    return await reply.send({ message })
  })
  app.setNotFoundHandler(async (_request, reply) => await reply.code(404).send({ message: 'Not Found' }))
}
