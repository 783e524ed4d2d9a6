import type { WebSocket } from 'ws'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../../../errors.ts'
import { createDeferred } from '../../../lib/deferred.ts'
import { controlProcess } from '../../../sandbox/agent-client/processes.ts'
import type { ScreenSize } from '../../../sandbox/agent-protocol.ts'
import type { ProjectOf } from '../../core/access.ts'
import type { FoundProject } from '../../core/repo.ts'
import type { RoleWatch } from '../../core/role-watch.ts'
import { may } from '../../core/roles.ts'
import type { ProcessService } from '../service.ts'
import { createConnection, type Connection } from './connection.ts'
import { createProcessStream, type SocketTarget } from './stream.ts'

export type SocketRequest = FastifyRequest<{ Querystring: { cols?: number, rows?: number, since?: number } }>

export interface ProcessSocketsOptions {
  readonly processes: Pick<ProcessService, 'inContainer'>
  readonly auth: FastifyInstance['auth']
  readonly projectOf: ProjectOf
  readonly roles: RoleWatch
  readonly touch: (projectId: string) => void
  /** Aborted when the container is about to end, or has ended. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  /** Throws PROJECT_NOT_FOUND. */
  readonly ensureExists: (projectId: string) => Promise<void>
}

export type ProcessSockets = ReturnType<typeof createProcessSockets>

/** WebSockets of processes and terminals, which speak the same. */
export function createProcessSockets ({ processes, auth, projectOf, roles, touch, stoppingSignal, ensureExists }: ProcessSocketsOptions) {
  const open = new Set<Connection>()

  async function join (connection: Connection, request: SocketRequest, closed: AbortSignal, find: (project: FoundProject) => Promise<SocketTarget>): Promise<SocketTarget> {
    const { refusal, validationError, owner: userId } = request
    if (refusal !== null) throw refusal
    if (validationError !== undefined) throw validationError
    const project = await projectOf(request)
    whenAborted(closed, roles.watch({ userId, projectId: project.id, role: project.role }, connection.refuse))
    const target = await find(project)
    const stopping = stoppingSignal(target.containerId)
    if (stopping.aborted) await end(connection, project.id)
    stopping.addEventListener('abort', () => void end(connection, project.id), { once: true, signal: closed })
    await attach(connection, request, project, target)
    return target
  }

  async function attach (connection: Connection, { query: { cols, rows, since } }: SocketRequest, { id: projectId, role }: FoundProject, { containerId, process, onUnwanted }: SocketTarget): Promise<void> {
    const mayType = may(role, 'edit')
    await processes.inContainer(containerId, async (init) => {
      const resize = (size: ScreenSize): void => void controlProcess(init, { id: process.id, size }).catch(() => undefined)
      if (cols !== undefined && rows !== undefined && mayType) resize({ cols, rows })
      const over = createDeferred<void>()
      // Who may only look is not to hold it up.
      const stream = createProcessStream(init, process, {
        holds: mayType,
        onActivity: () => touch(projectId),
        resize,
        onOver: (error) => error === undefined ? over.resolve() : over.reject(error)
      })
      // PID 1 stays connected until then.
      if (connection.attach(stream, { since, mayType })) await over.promise
      else await onUnwanted?.()
    })
  }

  /** Its container is ending, or has ended: what it says of its end is not what has happened. */
  async function end (connection: Connection, projectId: string): Promise<void> {
    connection.detach()
    connection.refuse(await ensureExists(projectId).then(() => new errors.PROJECT_STOPPED(), (error: unknown) => error))
  }

  return {
    /** Must be called in the handshake's own turn. `find` throws the reason to close for. */
    serve: (socket: WebSocket, request: SocketRequest, find: (project: FoundProject) => Promise<SocketTarget>): void => {
      const closed = new AbortController()
      const connection = createConnection(socket)
      open.add(connection)
      void connection.closed.then(() => {
        open.delete(connection)
        closed.abort()
      })
      const { principal } = request
      if (principal !== null) whenAborted(closed.signal, auth.onRevoked(principal, () => connection.refuse(new errors.UNAUTHENTICATED())))
      join(connection, request, closed.signal, find).then(async ({ onSeen }) => {
        if ((await connection.closed).hasSeenEnd) await onSeen?.()
      }).catch((error: unknown) => {
        request.log.info({ err: error }, 'socket of a process ended')
        connection.refuse(error)
      })
    },
    /** Tells everybody that the server stops. */
    closeAll: (): void => {
      for (const connection of open) connection.refuse(new errors.SHUTTING_DOWN())
    }
  }
}

function whenAborted (signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback, { once: true })
}
