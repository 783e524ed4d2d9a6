import { and, asc, eq, ne, sql } from 'drizzle-orm'
import type { Database } from '../../../db/open.ts'
import { projectGitCredentials } from '../../../db/schema/project-git-credentials.ts'
import { projects } from '../../../db/schema/projects.ts'

export type CredentialRow = typeof projectGitCredentials.$inferSelect
export type CredentialRepo = ReturnType<typeof createCredentialRepo>

export function createCredentialRepo (db: Database) {
  const { projectId, host, password } = projectGitCredentials
  const at = (project: string, name: string) => and(eq(projectId, project), eq(host, name))

  return {
    list: async (project: string): Promise<CredentialRow[]> =>
      await db.select().from(projectGitCredentials).where(eq(projectId, project)).orderBy(asc(host)),

    find: async (project: string, name: string): Promise<CredentialRow | undefined> =>
      (await db.select().from(projectGitCredentials).where(at(project, name)))[0],

    /** In place of that of the same host. False where the project has as many as it may. */
    set: async (row: Omit<CredentialRow, 'updatedAt'>, most: number): Promise<boolean> => {
      return await db.transaction(async (transaction) => {
        // One at a time for each project, or two would both find the last place free.
        await transaction.select({ id: projects.id }).from(projects).where(eq(projects.id, row.projectId)).for('update')
        const others = await transaction.$count(projectGitCredentials, and(eq(projectId, row.projectId), ne(host, row.host)))
        if (others >= most) return false
        const { username, password } = row
        await transaction.insert(projectGitCredentials).values(row)
          .onConflictDoUpdate({ target: [projectId, host], set: { username, password, updatedAt: sql`now()` } })
        return true
      })
    },

    remove: async (project: string, name: string): Promise<boolean> =>
      (await db.delete(projectGitCredentials).where(at(project, name)).returning({ host })).length > 0,

    /** Some of those whose password does not begin with the mark. */
    sealedOtherwise: async (mark: Buffer, limit: number): Promise<CredentialRow[]> =>
      await db.select().from(projectGitCredentials).where(sql`substring(${password} from 1 for ${mark.length}::int) <> ${mark}`).limit(limit),

    /** Unless it was changed meanwhile. */
    replace: async (was: CredentialRow, sealed: Buffer): Promise<void> => {
      await db.update(projectGitCredentials).set({ password: sealed }).where(and(at(was.projectId, was.host), eq(password, was.password)))
    }
  }
}
