import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { errors } from '../../errors.ts'
import { createSocketGate } from '../../sockets/gate.ts'
import { createConnection, type Connection } from './connection.ts'
import type { Entry } from './registry.ts'
import { ConnectParamsSchema, ConnectQuerySchema } from './schemas.ts'
import type { TerminalService } from './service.ts'

export interface SocketRouteOptions {
  readonly terminals: TerminalService
  readonly auth: FastifyInstance['auth']
  /** Throws PROJECT_NOT_FOUND also for another user's. */
  readonly find: (owner: string, projectId: string) => Promise<unknown>
}

type ConnectRequest = FastifyRequest<{ Params: Static<typeof ConnectParamsSchema>, Querystring: Static<typeof ConnectQuerySchema> }>

/** The terminal's WebSocket. */
export const socketRoute: FastifyPluginAsyncTypebox<SocketRouteOptions> = async (app, { terminals, auth, find }) => {
  const { identify } = createSocketGate(auth)
  app.decorateRequest('refusal', null)

  app.route({
    method: 'GET',
    url: '/terminal/:projectId',
    attachValidation: true,
    schema: {
      operationId: 'connectTerminal',
      summary: 'A shell in a project, as a WebSocket of the subprotocol term.v1 or term.raw',
      tags: ['terminals'],
      params: ConnectParamsSchema,
      querystring: ConnectQuerySchema
    },
    onRequest: identify,
    async handler (request) {
      if (request.validationError !== undefined) throw request.validationError
      await find(request.owner, request.params.projectId)
      throw new errors.UPGRADE_REQUIRED()
    },
    wsHandler (socket, request) {
      const cleanUps: Array<() => void> = []
      const connection = createConnection(socket, { onClose: () => cleanUps.forEach((cleanUp) => cleanUp()) })
      const { principal } = request
      if (principal !== null) cleanUps.push(auth.onRevoked(principal, () => connection.refuse(new errors.UNAUTHENTICATED())))
      join(connection, request).then((leave) => cleanUps.push(leave), (error: unknown) => {
        request.log.info({ err: error }, 'terminal refused')
        connection.refuse(error)
      })
    }
  })

  async function join (connection: Connection, request: ConnectRequest): Promise<() => void> {
    const { refusal, validationError, owner, params: { projectId }, query } = request
    if (refusal !== null) throw refusal
    if (validationError !== undefined) throw validationError
    await find(owner, projectId)
    const { cols, rows } = query
    const size = cols === undefined || rows === undefined ? undefined : { cols, rows }
    const entry = query.terminal === undefined
      ? await terminals.open(owner, projectId, size)
      : terminals.find(owner, projectId, query.terminal)
    if (query.terminal !== undefined && size !== undefined) entry.terminal.resize(size)
    return await attach(connection, entry, query.since, query.terminal === undefined)
  }

  async function attach (connection: Connection, entry: Entry, since: number | undefined, isNew: boolean): Promise<() => void> {
    const leave = terminals.join(entry, connection)
    if (!connection.attach(entry.terminal, since)) {
      leave()
      // Nobody but the client that has gone could have known of it.
      if (isNew) await terminals.end(entry)
    }
    return leave
  }
}
