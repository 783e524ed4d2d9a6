import { and, eq, inArray } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { containerInstances } from '../../db/schema/container-instances.ts'
import { projects } from '../../db/schema/projects.ts'

/** Where a project is, and whose it is. */
export interface Location {
  readonly owner: string
  readonly uid: number
  readonly isDeleted: boolean
  /** While it runs. */
  readonly containerId: string | undefined
  /** The server that tells of the processes there. */
  readonly followerId?: string | undefined
}

export type Locate = (projectId: string) => Promise<Location | undefined>

/** What a location is read from: a project's row, joined with its running container. */
export const runningContainer = and(eq(containerInstances.projectId, projects.id), eq(containerInstances.state, 'running'))

export function locationOf ({ userId, uid, status, deletedAt }: typeof projects.$inferSelect, containerId: string | null, followerId: string | null = null): Location {
  return { owner: userId, uid, isDeleted: deletedAt !== null, containerId: status === 'running' && containerId !== null ? containerId : undefined, followerId: followerId ?? undefined }
}

/** Undefined if there is no such project. */
export function createLocate (db: Database): Locate {
  return async (projectId) => {
    const [row] = await db.select({ project: projects, containerId: containerInstances.containerId })
      .from(projects)
      .leftJoin(containerInstances, runningContainer)
      .where(eq(projects.id, projectId))
    return row === undefined ? undefined : locationOf(row.project, row.containerId)
  }
}

/** Those of the projects that run. */
export function createFindRunning (db: Database) {
  return async (projectIds: readonly string[]): Promise<string[]> => {
    const rows = await db.select({ id: projects.id }).from(projects).where(and(inArray(projects.id, [...projectIds]), eq(projects.status, 'running')))
    return rows.map(({ id }) => id)
  }
}
