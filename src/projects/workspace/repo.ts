import { and, eq, inArray } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { containerInstances } from '../../db/schema/container-instances.ts'
import { projects } from '../../db/schema/projects.ts'

export interface Whereabouts {
  readonly owner: string
  readonly uid: number
  readonly isDeleted: boolean
  /** While it runs. */
  readonly containerId: string | undefined
}

/** Where a project's files are to be worked on; undefined if there is no such project. */
export function createWhereabouts (db: Database) {
  return async (projectId: string): Promise<Whereabouts | undefined> => {
    const [row] = await db.select({ owner: projects.userId, uid: projects.uid, status: projects.status, deletedAt: projects.deletedAt, containerId: containerInstances.containerId })
      .from(projects)
      .leftJoin(containerInstances, and(eq(containerInstances.projectId, projects.id), eq(containerInstances.state, 'running')))
      .where(eq(projects.id, projectId))
    if (row === undefined) return undefined
    const { owner, uid, status, deletedAt, containerId } = row
    return { owner, uid, isDeleted: deletedAt !== null, containerId: status === 'running' && containerId !== null ? containerId : undefined }
  }
}

/** Those of the projects that run. */
export function createFindRunning (db: Database) {
  return async (projectIds: readonly string[]): Promise<string[]> => {
    const rows = await db.select({ id: projects.id }).from(projects).where(and(inArray(projects.id, [...projectIds]), eq(projects.status, 'running')))
    return rows.map(({ id }) => id)
  }
}
