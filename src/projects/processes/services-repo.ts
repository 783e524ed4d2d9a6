import { and, asc, eq, sql } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { projects } from '../../db/schema/projects.ts'
import { projectServices } from '../../db/schema/project-services.ts'

export type ServiceRow = typeof projectServices.$inferSelect

export type ServicesRepo = ReturnType<typeof createServicesRepo>

/** Processes that start with their project. */
export function createServicesRepo (db: Database) {
  const { id, projectId } = projectServices

  return {
    list: async (project: string): Promise<ServiceRow[]> =>
      await db.select().from(projectServices).where(eq(projectId, project)).orderBy(asc(projectServices.createdAt), asc(id)),

    /** `exists` where the name is taken, `full` where there are `most` already. */
    add: async (project: string, row: Pick<ServiceRow, 'name' | 'spec' | 'keepsAwake'>, most: number): Promise<ServiceRow | 'exists' | 'full'> =>
      await db.transaction(async (transaction) => {
        // One at a time for each project, or two would both find the last place free.
        await transaction.select({ id: projects.id }).from(projects).where(eq(projects.id, project)).for('update')
        const [{ count } = { count: 0 }] = await transaction.select({ count: sql<number>`count(*)`.mapWith(Number) }).from(projectServices).where(eq(projectId, project))
        if (count >= most) return 'full'
        const [added] = await transaction.insert(projectServices).values({ projectId: project, ...row }).onConflictDoNothing().returning()
        return added ?? 'exists'
      }),

    /** Whether there was one. */
    remove: async (project: string, service: string): Promise<boolean> =>
      (await db.delete(projectServices).where(and(eq(projectId, project), eq(id, service))).returning({ id })).length > 0,

    /** Projects that run and have any. */
    listRunningProjects: async (): Promise<string[]> => {
      const rows = await db.selectDistinct({ id: projects.id }).from(projects)
        .innerJoin(projectServices, eq(projectServices.projectId, projects.id))
        .where(eq(projects.status, 'running'))
      return rows.map((row) => row.id)
    }
  }
}
