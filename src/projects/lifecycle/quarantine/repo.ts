import { and, asc, eq, inArray, lt, notExists, sql } from 'drizzle-orm'
import type { Database, Querying } from '../../../db/open.ts'
import { deletedProjects } from '../../../db/schema/deleted-projects.ts'
import { projectVolumes } from '../../../db/schema/project-volumes.ts'
import { projects } from '../../../db/schema/projects.ts'
import { quarantinedVolumes } from '../../../db/schema/quarantined-volumes.ts'
import { users } from '../../../db/schema/users.ts'
import type { ReconcilePlan, Snapshot } from '../reconcile-plan.ts'

// Of a project that was deleted longer ago nothing turns up any more but what is quarantined as well.
const TOMBSTONES_KEPT = sql`now() - interval '30 days'`

const MOST_LISTED = 1_000

export type QuarantineRepo = ReturnType<typeof createQuarantineRepo>
export type QuarantinedVolume = typeof quarantinedVolumes.$inferSelect

/** Volumes without a row, since when, and which projects were deleted by their owners. Times are the database's. */
export function createQuarantineRepo (db: Database) {
  const { name, projectId, firstSeenAt } = quarantinedVolumes
  // The next round of the reconciler would release it.
  const isOrphan = notExists(db.select().from(projects).where(sql`${projects.id}::text = ${projectId}`))

  return {
    /** The oldest first. */
    list: async (): Promise<QuarantinedVolume[]> => await db.select().from(quarantinedVolumes).where(isOrphan).orderBy(asc(firstSeenAt), asc(name)).limit(MOST_LISTED),

    /** Also begins its quarantine anew, so that it is not removed meanwhile. */
    take: async (project: string): Promise<QuarantinedVolume | undefined> => {
      const [row] = await db.update(quarantinedVolumes).set({ firstSeenAt: sql`now()` }).where(and(eq(projectId, project), isOrphan)).returning()
      return row
    },

    hasUser: async (id: string): Promise<boolean> => (await db.select({ id: users.id }).from(users).where(eq(users.id, id))).length > 0,

    /** With the project that it is of from now on, which holds already what it is to hold. */
    release: async (transaction: Querying, project: string): Promise<void> => {
      await transaction.insert(projectVolumes).values({ projectId: project, filledAt: sql`now()`, snapshotDueAt: sql`now()` })
      await transaction.delete(quarantinedVolumes).where(eq(projectId, project))
    },

    delete: async (project: string): Promise<void> => {
      await db.delete(quarantinedVolumes).where(eq(projectId, project))
    },

    view: async (projectIds: readonly string[]): Promise<Pick<Snapshot, 'deleted' | 'quarantined'>> => {
      const ageMs = sql<number>`extract(epoch from now() - ${quarantinedVolumes.firstSeenAt})::float8 * 1000`
      const [volumes, tombstones] = await Promise.all([
        db.select({ name: quarantinedVolumes.name, ageMs }).from(quarantinedVolumes),
        projectIds.length === 0 ? [] : db.select({ projectId: deletedProjects.projectId }).from(deletedProjects).where(inArray(deletedProjects.projectId, [...projectIds]))
      ])
      return {
        deleted: new Set(tombstones.map(({ projectId }) => projectId)),
        quarantined: new Map(volumes.map(({ name, ageMs }) => [name, ageMs]))
      }
    },

    update: async ({ quarantineVolumes, releaseVolumes }: Pick<ReconcilePlan, 'quarantineVolumes' | 'releaseVolumes'>): Promise<void> => {
      if (quarantineVolumes.length > 0) await db.insert(quarantinedVolumes).values([...quarantineVolumes]).onConflictDoNothing()
      await db.delete(deletedProjects).where(lt(deletedProjects.deletedAt, TOMBSTONES_KEPT))
      if (releaseVolumes.length > 0) await db.delete(quarantinedVolumes).where(inArray(quarantinedVolumes.name, [...releaseVolumes]))
    }
  }
}
