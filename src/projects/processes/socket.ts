import type { WebSocket } from 'ws'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { errors } from '../../errors.ts'
import { createDeferred } from '../../lib/deferred.ts'
import { controlProcess } from '../../sandbox/agent-client/processes.ts'
import type { ProjectOf } from '../core/access.ts'
import type { RoleWatch } from '../core/role-watch.ts'
import { may } from '../core/roles.ts'
import { createConnection, type Connection } from '../terminals/connection.ts'
import type { ProcessParamsSchema, SocketQuerySchema } from './schemas.ts'
import type { ProcessService } from './service.ts'
import { createProcessStream } from './stream.ts'

export type SocketRequest = FastifyRequest<{ Params: Static<typeof ProcessParamsSchema>, Querystring: Static<typeof SocketQuerySchema> }>

export interface ProcessSocketsOptions {
  readonly processes: ProcessService
  readonly auth: FastifyInstance['auth']
  readonly projectOf: ProjectOf
  readonly roles: RoleWatch
  readonly touch: (projectId: string) => void
}

/** A process's WebSocket, which speaks as a terminal's does. */
export function createProcessSockets ({ processes, auth, projectOf, roles, touch }: ProcessSocketsOptions) {
  const open = new Set<Connection>()

  async function join (connection: Connection, request: SocketRequest, over: Promise<void>, end: () => void): Promise<void> {
    const { refusal, validationError, owner: userId, params, query: { cols, rows, since } } = request
    if (refusal !== null) throw refusal
    if (validationError !== undefined) throw validationError
    const project = await projectOf(request)
    const mayType = may(project.role, 'edit')
    const stopWatching = roles.watch({ userId, projectId: project.id, role: project.role }, connection.refuse)
    await processes.withInit(project, async (init) => {
      const process = await processes.findKept(init, params.process)
      const resize = (size: { cols: number, rows: number }): void => {
        if (process.size !== undefined) controlProcess(init, { id: process.id, size }).catch(() => undefined)
      }
      if (cols !== undefined && rows !== undefined && mayType) resize({ cols, rows })
      // Who may only look is not to hold it up.
      const stream = createProcessStream(init, process, { holds: mayType, onActivity: () => touch(project.id), resize, onOver: end })
      // PID 1 stays connected until then.
      if (connection.attach(stream, { since, mayType })) await over
    }).finally(stopWatching)
  }

  return {
    serve: (socket: WebSocket, request: SocketRequest): void => {
      const over = createDeferred<void>()
      const connection = createConnection(socket, {
        onClose () {
          open.delete(connection)
          stopWatching?.()
          over.resolve()
        }
      })
      open.add(connection)
      const { principal } = request
      const stopWatching = principal === null ? undefined : auth.onRevoked(principal, () => connection.refuse(new errors.UNAUTHENTICATED()))
      join(connection, request, over.promise, over.resolve).catch((error: unknown) => {
        request.log.info({ err: error }, 'socket of a process refused')
        connection.refuse(error)
      })
    },
    /** Tells everybody that the server stops. */
    closeAll: (): void => {
      for (const connection of open) connection.refuse(new errors.SHUTTING_DOWN())
    }
  }
}
