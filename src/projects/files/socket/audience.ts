import { errors } from '../../../errors.ts'
import type { Connection } from '../../../plugins/sockets/connection.ts'
import type { ServerMessage } from './schemas.ts'

export interface Audience {
  /** Returns how to leave. Throws FILES_BUSY when more are connected than a project's users open windows. */
  readonly join: (projectId: string, connection: Connection) => () => void
  /** Tells everybody who is connected to the project's files on this server. */
  readonly announce: (projectId: string, message: ServerMessage) => void
  /** Says why, and closes. */
  readonly dismiss: (projectId: string, error: Error) => void
}

const SOCKETS_PER_PROJECT = 64

export function createAudience (): Audience {
  const byProject = new Map<string, Set<Connection>>()
  // What they were told before has not left yet: news for them would pile up.
  const behind = new WeakSet<Connection>()

  function tell (connection: Connection, message: ServerMessage): void {
    if (behind.has(connection)) return
    behind.add(connection)
    void connection.send(message).finally(() => behind.delete(connection))
  }

  return {
    join (projectId, connection) {
      const connections = byProject.get(projectId) ?? new Set()
      if (connections.size >= SOCKETS_PER_PROJECT) throw new errors.FILES_BUSY()
      byProject.set(projectId, connections.add(connection))
      return () => {
        connections.delete(connection)
        if (connections.size === 0 && byProject.get(projectId) === connections) byProject.delete(projectId)
      }
    },
    announce (projectId, message) {
      for (const connection of byProject.get(projectId) ?? []) tell(connection, message)
    },
    dismiss (projectId, error) {
      for (const connection of byProject.get(projectId) ?? []) connection.refuse(error)
    }
  }
}
