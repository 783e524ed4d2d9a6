import { and, eq, getTableColumns, isNotNull, isNull, or, sql, type SQL } from 'drizzle-orm'
import type { Database } from '../../../db/open.ts'
import { projectFiles } from '../../../db/schema/project-files.ts'
import { projectVolumes } from '../../../db/schema/project-volumes.ts'
import { projects } from '../../../db/schema/projects.ts'
import { fromNow } from '../../../db/time.ts'
import type { PlannedFile } from '../../../programs/source-files.ts'

const isLeased = sql<boolean>`coalesce(${projectVolumes.leaseExpiresAt} > now(), false)`
const columns = { ...getTableColumns(projectVolumes), isLeased }

export type VolumeRow = typeof projectVolumes.$inferSelect & { isLeased: boolean }
export type VolumeRepo = ReturnType<typeof createVolumeRepo>

/** What is known of projects' volumes. Every write under a lease names its token, so that a server that has lost it writes nothing. */
export function createVolumeRepo (db: Database) {
  const mine = (id: string, token: string): SQL | undefined => and(eq(projectVolumes.projectId, id), eq(projectVolumes.leaseToken, token))

  return {
    find: async (projectId: string) => {
      const [row] = await db.select(columns).from(projectVolumes).where(eq(projectVolumes.projectId, projectId))
      return row
    },

    /** Undefined while somebody has the lease, and for a project that is being deleted. */
    claim: async (projectId: string, { token, leaseMs }: { token: string, leaseMs: number }): Promise<VolumeRow | undefined> => {
      await db.execute(sql`
        insert into ${projectVolumes} (project_id)
        select ${projects.id} from ${projects} where ${projects.id} = ${projectId} and ${projects.deletedAt} is null
        on conflict do nothing`)
      const [row] = await db.update(projectVolumes)
        .set({ leaseToken: token, leaseExpiresAt: fromNow(leaseMs) })
        .where(and(eq(projectVolumes.projectId, projectId), or(isNull(projectVolumes.leaseExpiresAt), sql`${projectVolumes.leaseExpiresAt} <= now()`)))
        .returning(columns)
      return row
    },

    renew: async (projectId: string, token: string, leaseMs: number): Promise<boolean> => {
      const rows = await db.update(projectVolumes)
        .set({ leaseExpiresAt: fromNow(leaseMs) })
        .where(mine(projectId, token))
        .returning({ id: projectVolumes.projectId })
      return rows.length > 0
    },

    release: async (projectId: string, token: string): Promise<void> => {
      await db.update(projectVolumes).set({ leaseToken: null, leaseExpiresAt: null }).where(mine(projectId, token))
    },

    isWanted: async (projectId: string): Promise<boolean> => {
      const rows = await db.select({ id: projects.id }).from(projects).where(and(eq(projects.id, projectId), isNull(projects.deletedAt)))
      return rows.length > 0
    },

    setChanging: async (projectId: string, token: string, isChanging: boolean): Promise<void> => {
      await db.update(projectVolumes).set({ isChanging }).where(mine(projectId, token))
    },

    /** Of a project that has been worked on before, as every one has been whose files can be changed. */
    markChanged: async (projectId: string): Promise<void> => {
      await db.update(projectVolumes).set({ snapshotDueAt: sql`now()` }).where(eq(projectVolumes.projectId, projectId))
    },

    /** What fills it need not be in the newest snapshot: first files are in none, and a damaged one is passed over. */
    markFilled: async (projectId: string, token: string, { wasLost, isRestored }: { wasLost: boolean, isRestored: boolean }): Promise<void> => {
      await db.update(projectVolumes)
        .set({ filledAt: sql`now()`, lostAt: null, snapshotDueAt: sql`now()`, ...(wasLost ? { recoveredAt: sql`now()`, isRestored } : {}) })
        .where(mine(projectId, token))
    },

    markLost: async (projectId: string, token: string): Promise<void> => {
      await db.update(projectVolumes)
        .set({ filledAt: null, lostAt: sql`now()`, isChanging: false })
        .where(and(mine(projectId, token), isNotNull(projectVolumes.filledAt)))
    },

    firstFiles: async (projectId: string): Promise<PlannedFile[]> => {
      return await db.select({ path: projectFiles.path, content: projectFiles.content })
        .from(projectFiles)
        .where(eq(projectFiles.projectId, projectId))
        .orderBy(projectFiles.position)
    }
  }
}
