import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import { applyMessage } from './apply-message.ts'
import type { SessionHistory } from './history.ts'
import { presentResultOf, presentSession } from './present.ts'
import {
  ClientMessageSchema, ListSessionsQuerySchema, LogsQuerySchema, LogsSchema, SessionDetailSchema, SessionParamsSchema, SessionsSchema
} from './session-schemas.ts'
import type { SessionService } from './sessions.ts'

const MAX_LOGS = 1_000

export const sessionRoutes: FastifyPluginAsyncTypebox<{ sessions: SessionService, history: SessionHistory }> = async (app, { sessions, history }) => {
  app.get('/api/sessions', {
    schema: {
      operationId: 'listSessions',
      summary: 'Your runs, the newest first',
      tags: ['sessions'],
      querystring: ListSessionsQuerySchema,
      response: { 200: SessionsSchema }
    }
  }, async ({ owner, query }) => {
    const { rows, nextCursor } = await history.list(owner, query)
    return { sessions: rows.map(presentSession), nextCursor }
  })

  app.get('/api/sessions/:sessionId', {
    schema: {
      operationId: 'getSession',
      summary: 'One run, with its result once it has ended',
      tags: ['sessions'],
      params: SessionParamsSchema,
      response: { 200: SessionDetailSchema }
    }
  }, async ({ owner, params }) => {
    const row = await history.find(owner, params.sessionId)
    return { ...presentSession(row), result: presentResultOf(row) }
  })

  app.get('/api/sessions/:sessionId/logs', {
    schema: {
      operationId: 'getSessionLogs',
      summary: 'What a run has printed so far',
      description: 'Whoever asks for the log of an interactive session counts as connected to it.',
      tags: ['sessions'],
      params: SessionParamsSchema,
      querystring: LogsQuerySchema,
      response: { 200: LogsSchema }
    }
  }, async ({ owner, params: { sessionId }, query: { since = 0, cursor = '0', limit = MAX_LOGS } }) => {
    sessions.findLive(owner, sessionId)?.touch()
    return await history.logs(owner, sessionId, Math.max(since, Number(cursor)), limit)
  })

  app.post('/api/sessions/:sessionId/messages', {
    schema: {
      operationId: 'sendSessionMessage',
      summary: 'Give a running program input, its end, a signal, or kill it',
      description: 'The messages that the WebSocket takes, for clients without one.',
      tags: ['sessions'],
      params: SessionParamsSchema,
      body: ClientMessageSchema,
      response: { 204: Type.Null() }
    }
  }, async ({ owner, params: { sessionId }, body }, reply) => {
    const session = sessions.findLive(owner, sessionId)
    if (session === undefined) {
      await history.find(owner, sessionId)
      throw new errors.NOT_RUNNING()
    }
    session.touch()
    applyMessage(session, body)
    return await reply.code(204).send(null)
  })

  app.delete('/api/sessions/:sessionId', {
    schema: {
      operationId: 'killSession',
      summary: 'Kill a run with everything it has started',
      description: 'Its record stays. Of a run that has ended already nothing is left to kill: that is 204 as well.',
      tags: ['sessions'],
      params: SessionParamsSchema,
      response: { 204: Type.Null() }
    }
  }, async ({ owner, params: { sessionId } }, reply) => {
    const session = sessions.findLive(owner, sessionId)
    if (session === undefined) {
      const { finishedAt } = await history.find(owner, sessionId)
      if (finishedAt === null) throw new errors.NOT_RUNNING()
    }
    session?.kill('Killed by a client')
    await session?.finished.catch(() => undefined)
    return await reply.code(204).send(null)
  })
}
