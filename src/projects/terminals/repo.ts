import { and, eq, inArray, or, type SQL } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { containerInstances } from '../../db/schema/container-instances.ts'
import { projectTerminals } from '../../db/schema/project-terminals.ts'

export interface TerminalRow {
  readonly id: string
  readonly projectId: string
  readonly containerId: string
  readonly userId: string
}

export type TerminalsRepo = ReturnType<typeof createTerminalsRepo>

/** Which processes of running containers are terminals, and whose: not for the guest to say. */
export function createTerminalsRepo (db: Database) {
  const { projectId, state } = containerInstances
  const columns = { id: projectTerminals.id, projectId, containerId: projectTerminals.containerId, userId: projectTerminals.userId }

  const list = async (which: SQL | undefined): Promise<TerminalRow[]> =>
    await db.select(columns).from(projectTerminals)
      .innerJoin(containerInstances, and(eq(containerInstances.containerId, projectTerminals.containerId), eq(state, 'running')))
      .where(which)

  return {
    add: async ({ id, containerId, userId }: TerminalRow): Promise<void> => {
      await db.insert(projectTerminals).values({ id, containerId, userId })
    },

    remove: async (ids: readonly string[]): Promise<void> => {
      if (ids.length > 0) await db.delete(projectTerminals).where(inArray(projectTerminals.id, [...ids]))
    },

    ofProject: async (project: string): Promise<TerminalRow[]> => await list(eq(projectId, project)),

    /** Of the user, and of the project, whoever has opened them. */
    ofEither: async (user: string, project: string): Promise<TerminalRow[]> => await list(or(eq(projectTerminals.userId, user), eq(projectId, project)))
  }
}
