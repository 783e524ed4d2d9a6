import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import { sendInPieces, STREAMED_BYTES } from '../../http/send-in-pieces.ts'
import { AcceptedSchema } from './session-schemas.ts'
import type { Session } from './session.ts'
import type { SessionService } from './sessions.ts'
import { resultBytes } from './result.ts'
import { ExecuteBodySchema, ExecuteResultSchema } from './execute-schemas.ts'
import type { ExecutionService } from './execution.ts'

export const executionRoutes: FastifyPluginAsyncTypebox<{
  execution: ExecutionService
  sessions: SessionService
  /** How a run is told as it goes to those who ask for that. */
  events: { areWanted: (request: FastifyRequest) => boolean, send: (reply: FastifyReply, session: Session) => Promise<FastifyReply> }
  bodyLimit: number
}> = async (app, { execution, sessions, events, bodyLimit }) => {
  app.post('/api/execute', {
    bodyLimit,
    onRequest: app.auth.limitExecutions,
    schema: {
      operationId: 'execute',
      summary: 'Run a program',
      description: 'Waits for the result; with `Accept: text/event-stream`, streams the session\'s messages as they come; with `"interactive": true`, answers at once.',
      tags: ['execution'],
      body: ExecuteBodySchema,
      response: { 200: ExecuteResultSchema, 202: AcceptedSchema }
    }
  }, async (request, reply) => {
    const { owner, body, log } = request
    const plan = execution.plan(body)
    if (events.areWanted(request)) return await events.send(reply, await sessions.start(owner, plan, log))
    if (!plan.isInteractive) {
      const result = await sessions.execute(owner, plan, abortOnDisconnect(reply), log)
      return resultBytes(result) < STREAMED_BYTES ? result : await sendInPieces(reply, result)
    }
    const { id } = await sessions.start(owner, plan, log)
    return await reply.code(202).send({ sessionId: id, status: 'queued', url: `/api/execute/${id}` })
  })
}
