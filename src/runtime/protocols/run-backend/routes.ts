import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { errors } from '../../../errors.ts'
import { createSocketGate } from '../../../sockets/gate.ts'
import type { ExecutionService } from '../../runs/execution.ts'
import type { SessionHistory } from '../../runs/history.ts'
import { SessionParamsSchema } from '../../runs/session-schemas.ts'
import type { SessionService } from '../../runs/sessions.ts'
import { planBackend } from './plan.ts'
import { createBackendPresenter } from './present.ts'
import { RunBackendBodySchema, RunBackendResultSchema } from './schemas.ts'

export interface RunBackendOptions {
  readonly auth: FastifyInstance['auth']
  readonly execution: ExecutionService
  readonly sessions: SessionService
  readonly history: SessionHistory
  readonly bodyLimit: number
}

/** Programs that run for a while and are watched line by line: another face of sessions. */
export const runBackendRoutes: FastifyPluginAsyncTypebox<RunBackendOptions> = async (app, { auth, execution, sessions, history, bodyLimit }) => {
  const { identify, serve } = createSocketGate(auth)
  app.decorateRequest('refusal', null)

  app.post('/api/run-backend', {
    bodyLimit,
    onRequest: [app.authenticate, auth.limitExecutions],
    schema: {
      operationId: 'runBackend',
      summary: 'Start a program for at most five minutes',
      tags: ['run-backend'],
      body: RunBackendBodySchema,
      response: { 200: RunBackendResultSchema }
    }
  }, async ({ owner, body, log }) => {
    const session = await sessions.start(owner, planBackend(execution, body), log)
    log.info({ sessionId: session.id, ...body.userContext }, 'backend started')
    return { sessionId: session.id, containerId: await session.sandboxId, status: 'running' as const }
  })

  app.route({
    method: 'GET',
    url: '/api/run-backend/ws/:sessionId',
    schema: {
      operationId: 'watchBackend',
      summary: 'What a program prints, line by line, as a WebSocket',
      tags: ['run-backend'],
      params: SessionParamsSchema
    },
    onRequest: identify,
    handler: async () => { throw new errors.UPGRADE_REQUIRED() },
    wsHandler: (socket, request) => serve(socket, request, async (connection) => {
      const { owner, params: { sessionId } } = request
      const messages = sessions.findLive(owner, sessionId)?.follow({ signal: connection.closed }) ??
        history.replay(await history.find(owner, sessionId), 0)
      await connection.send({ type: 'connected', sessionId, timestamp: new Date().toISOString() })
      const present = createBackendPresenter()
      for await (const message of messages) {
        for (const shown of present(message)) await connection.send(shown)
      }
      connection.end()
    })
  })
}
