import type { Connection } from '../../../plugins/sockets/connection.ts'
import type { ServerMessage } from './schemas.ts'

export interface Audience {
  /** Returns how to leave. */
  readonly join: (projectId: string, connection: Connection) => () => void
  /** Tells everybody who is connected to the project's files on this server. */
  readonly announce: (projectId: string, message: ServerMessage) => void
  /** Says why, and closes. */
  readonly dismiss: (projectId: string, error: Error) => void
}

export function createAudience (): Audience {
  const byProject = new Map<string, Set<Connection>>()

  return {
    join (projectId, connection) {
      const connections = byProject.get(projectId) ?? new Set()
      byProject.set(projectId, connections.add(connection))
      return () => {
        connections.delete(connection)
        if (connections.size === 0 && byProject.get(projectId) === connections) byProject.delete(projectId)
      }
    },
    announce (projectId, message) {
      for (const connection of byProject.get(projectId) ?? []) void connection.send(message)
    },
    dismiss (projectId, error) {
      for (const connection of byProject.get(projectId) ?? []) connection.refuse(error)
    }
  }
}
