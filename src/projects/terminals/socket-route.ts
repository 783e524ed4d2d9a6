import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { errors } from '../../errors.ts'
import { checkRole, may } from '../core/roles.ts'
import type { ProjectOf } from '../core/access.ts'
import type { RoleWatch } from '../core/role-watch.ts'
import { createSocketGate } from '../../sockets/gate.ts'
import { createConnection, type Attaching, type Connection } from './connection.ts'
import type { Entry } from './registry.ts'
import { ConnectQuerySchema, ProjectTerminalsParamsSchema } from './schemas.ts'
import type { TerminalService } from './service.ts'

export interface SocketRouteOptions {
  readonly terminals: TerminalService
  readonly auth: FastifyInstance['auth']
  readonly projectOf: ProjectOf
  readonly roles: RoleWatch
}

type ConnectRequest = FastifyRequest<{ Params: Static<typeof ProjectTerminalsParamsSchema>, Querystring: Static<typeof ConnectQuerySchema> }>

/** The terminal's WebSocket. */
export const socketRoute: FastifyPluginAsyncTypebox<SocketRouteOptions> = async (app, { terminals, auth, projectOf, roles }) => {
  const { identify } = createSocketGate(auth)
  app.decorateRequest('refusal', null)

  app.route({
    method: 'GET',
    url: '/terminal/:id',
    // To open a shell or to type into one takes more.
    config: { access: 'view' },
    attachValidation: true,
    schema: {
      operationId: 'connectTerminal',
      summary: 'A shell in a project, as a WebSocket of the subprotocol term.v1 or term.raw',
      tags: ['terminals'],
      params: ProjectTerminalsParamsSchema,
      querystring: ConnectQuerySchema
    },
    onRequest: identify,
    async handler (request) {
      if (request.validationError !== undefined) throw request.validationError
      await projectOf(request)
      throw new errors.UPGRADE_REQUIRED()
    },
    wsHandler (socket, request) {
      const closed = new AbortController()
      const connection = createConnection(socket, { onClose: () => closed.abort() })
      const { principal } = request
      if (principal !== null) whenAborted(closed.signal, auth.onRevoked(principal, () => connection.refuse(new errors.UNAUTHENTICATED())))
      join(connection, request, closed.signal).catch((error: unknown) => {
        request.log.info({ err: error }, 'terminal refused')
        connection.refuse(error)
      })
    }
  })

  async function join (connection: Connection, request: ConnectRequest, closed: AbortSignal): Promise<void> {
    const { refusal, validationError, owner, query } = request
    if (refusal !== null) throw refusal
    if (validationError !== undefined) throw validationError
    const { id: projectId, role } = await projectOf(request)
    if (query.terminal === undefined) checkRole(role, 'edit')
    const mayType = may(role, 'edit')
    const { cols, rows } = query
    const size = cols === undefined || rows === undefined ? undefined : { cols, rows }
    const entry = query.terminal === undefined
      ? await terminals.open(owner, projectId, size)
      : terminals.find(projectId, query.terminal)
    if (query.terminal !== undefined && size !== undefined && mayType) entry.terminal.resize(size)
    whenAborted(closed, roles.watch({ userId: owner, projectId, role }, connection.refuse))
    whenAborted(closed, await attach(connection, entry, { since: query.since, mayType }, query.terminal === undefined))
  }

  async function attach (connection: Connection, entry: Entry, how: Attaching, isNew: boolean): Promise<() => void> {
    const leave = terminals.join(entry, connection)
    if (!connection.attach(entry.terminal, how)) {
      leave()
      // Nobody but the client that has gone could have known of it.
      if (isNew) await terminals.end(entry)
    }
    return leave
  }
}

function whenAborted (signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback, { once: true })
}
