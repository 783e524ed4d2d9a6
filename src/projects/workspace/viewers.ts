import { errors } from '../../errors.ts'
import type { Notice } from '../../protocols/files.ts'
import type { Connection } from '../../sockets/connection.ts'

/** Sockets of clients that have the project's files open. */
export interface Viewers {
  /** Returns how to leave. Throws FILES_BUSY when more are connected than a project's users open windows. */
  readonly join: (projectId: string, connection: Connection) => () => void
  /** Tells everybody who is connected to the project's files on this server. */
  readonly announce: (projectId: string, message: Notice) => void
  /** Says why, and closes. */
  readonly dismiss: (projectId: string, error: Error) => void
}

const SOCKETS_PER_PROJECT = 64

export function createViewers (): Viewers {
  const byProject = new Map<string, Set<Connection>>()
  // What they were told before has not left yet. Of the news since then the newest waits, which says how things stand.
  const behind = new WeakMap<Connection, Notice | undefined>()

  async function tell (connection: Connection, message: Notice): Promise<void> {
    if (behind.has(connection)) return void behind.set(connection, message)
    for (let next: Notice | undefined = message; next !== undefined; next = behind.get(connection)) {
      behind.set(connection, undefined)
      await connection.send(next)
    }
    behind.delete(connection)
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
      for (const connection of byProject.get(projectId) ?? []) void tell(connection, message)
    },
    dismiss (projectId, error) {
      for (const connection of byProject.get(projectId) ?? []) connection.refuse(error)
    }
  }
}
