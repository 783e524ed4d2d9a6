import { and, asc, eq, sql, TransactionRollbackError } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { projectVariables } from '../../db/schema/project-variables.ts'
import { projects } from '../../db/schema/projects.ts'

export type VariableRow = typeof projectVariables.$inferSelect

export interface VariableBounds {
  readonly count: number
  /** Of names and values together. */
  readonly bytes: number
}

export type VariableRepo = ReturnType<typeof createVariableRepo>

export function createVariableRepo (db: Database) {
  const { projectId, name, isSecret, value } = projectVariables
  const weight = sql<number>`coalesce(sum(octet_length(${name}) + octet_length(${value})), 0)`.mapWith(Number)

  // Asked by everything that is started: made once.
  const ofProject = db.select().from(projectVariables).where(eq(projectId, sql.placeholder('project'))).orderBy(asc(name)).prepare('project_variables')

  return {
    list: async (project: string): Promise<VariableRow[]> => await ofProject.execute({ project }),

    /** In place of what has the name. False where there would be more than a project may have; nothing is changed then. */
    set: async (project: string, variables: ReadonlyArray<Pick<VariableRow, 'name' | 'isSecret' | 'value'>>, { count, bytes }: VariableBounds): Promise<boolean> => {
      if (variables.length === 0) return true
      return await db.transaction(async (transaction) => {
        // One at a time for each project, or two would both find the last place free.
        await transaction.select({ id: projects.id }).from(projects).where(eq(projects.id, project)).for('update')
        await transaction.insert(projectVariables)
          .values(variables.map((variable) => ({ projectId: project, ...variable })))
          .onConflictDoUpdate({ target: [projectId, name], set: { isSecret: sql`excluded.is_secret`, value: sql`excluded.value`, updatedAt: sql`now()` } })
        const [sum] = await transaction.select({ count: sql<number>`count(*)`.mapWith(Number), bytes: weight }).from(projectVariables).where(eq(projectId, project))
        const fits = sum !== undefined && sum.count <= count && sum.bytes <= bytes
        if (!fits) transaction.rollback()
        return fits
      }).catch((error: unknown) => {
        if (error instanceof TransactionRollbackError) return false
        throw error
      })
    },

    remove: async (project: string, which: { name: string, isSecret: boolean }): Promise<boolean> => {
      const removed = await db.delete(projectVariables)
        .where(and(eq(projectId, project), eq(name, which.name), eq(isSecret, which.isSecret)))
        .returning({ name })
      return removed.length > 0
    },

    /** Some of those whose value does not begin with the mark. */
    sealedOtherwise: async (mark: Buffer, limit: number): Promise<VariableRow[]> =>
      await db.select().from(projectVariables).where(and(eq(isSecret, true), sql`substring(${value} from 1 for ${mark.length}::int) <> ${mark}`)).limit(limit),

    /** Unless it was changed meanwhile. */
    replace: async (was: VariableRow, sealed: Buffer): Promise<void> => {
      await db.update(projectVariables).set({ value: sealed }).where(and(eq(projectId, was.projectId), eq(name, was.name), eq(value, was.value)))
    }
  }
}
