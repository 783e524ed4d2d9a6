import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../../../errors.ts'
import { abortOnDisconnect } from '../../../http/disconnect.ts'
import type { Connection } from '../../../sockets/connection.ts'
import { createSocketGate } from '../../../sockets/gate.ts'
import type { ExecutionService } from '../../runs/execution.ts'
import { parseExecuteMessage } from './client-messages.ts'
import { converse, sendAll } from './converse.ts'
import type { SessionHistory } from '../../runs/history.ts'
import { FollowQuerySchema, SessionParamsSchema } from '../../runs/session-schemas.ts'
import { streamMessages } from '../event-stream/send-events.ts'
import type { SessionService } from '../../runs/sessions.ts'

export interface SessionSocketsOptions {
  readonly auth: FastifyInstance['auth']
  readonly execution: ExecutionService
  readonly sessions: SessionService
  readonly history: SessionHistory
}

const FIRST_MESSAGE_MS = 10_000

/** The sockets of sessions; by plain GET a session is a stream of events. */
export const sessionSockets: FastifyPluginAsyncTypebox<SessionSocketsOptions> = async (app, { auth, execution, sessions, history }) => {
  const { identify, serve } = createSocketGate(auth)
  app.decorateRequest('refusal', null)

  app.route({
    method: 'GET',
    url: '/api/execute',
    schema: {
      operationId: 'executeOverSocket',
      summary: 'Run a program over a WebSocket, whose first message is {"type":"execute", …}',
      tags: ['execution']
    },
    onRequest: identify,
    handler: async () => { throw new errors.UPGRADE_REQUIRED() },
    wsHandler: (socket, request) => serve(socket, request, async (connection) => {
      const { type: _type, ...body } = parseExecuteMessage(await readFirst(connection))
      await auth.limitExecutions(request)
      const plan = execution.plan({ interactive: true, ...body })
      const session = await sessions.start(request.owner, plan, request.log)
      // Interactive ones live on for the grace period.
      if (!plan.isInteractive) connection.closed.addEventListener('abort', () => session.kill('The client went away'), { once: true })
      await converse(connection, session, 0)
    })
  })

  app.route({
    method: 'GET',
    url: '/api/execute/:sessionId',
    schema: {
      operationId: 'followSession',
      summary: 'Follow a session, as a WebSocket or as server-sent events',
      tags: ['sessions'],
      params: SessionParamsSchema,
      querystring: FollowQuerySchema
    },
    onRequest: identify,
    async handler (request, reply) {
      const { owner, params: { sessionId } } = request
      const since = Math.max(request.query.since ?? 0, lastEventId(request))
      const signal = abortOnDisconnect(reply)
      const session = sessions.findLive(owner, sessionId)
      if (session !== undefined) return await streamMessages(reply, session, session.follow({ since, signal }))
      const row = await history.find(owner, sessionId)
      return await streamMessages(reply, { id: row.id, status: () => row.status }, history.replay(row, since))
    },
    wsHandler: (socket, request) => serve(socket, request, async (connection) => {
      const { owner, params: { sessionId }, query: { since = 0 } } = request
      const session = sessions.findLive(owner, sessionId)
      if (session !== undefined) return await converse(connection, session, since)
      const row = await history.find(owner, sessionId)
      await connection.send({ type: 'connected', sessionId, status: row.status })
      await sendAll(connection, history.replay(row, since))
    })
  })
}

/** Where a client of server-sent events that comes back says it had got to. */
function lastEventId ({ headers }: FastifyRequest): number {
  const id = headers['last-event-id']
  return typeof id === 'string' && /^\d{1,10}$/.test(id) ? Number(id) : 0
}

async function readFirst (connection: Connection): Promise<string> {
  const late = setTimeout(() => connection.refuse(new errors.BAD_MESSAGE('none came in time')), FIRST_MESSAGE_MS)
  try {
    return await connection.read() ?? ''
  } finally {
    clearTimeout(late)
  }
}
