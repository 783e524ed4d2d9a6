import { inArray, lt, sql } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { deletedProjects } from '../../db/schema/deleted-projects.ts'
import { quarantinedVolumes } from '../../db/schema/quarantined-volumes.ts'
import type { ReconcilePlan, Snapshot } from './reconcile-plan.ts'

// Of a project that was deleted longer ago nothing turns up any more but what is quarantined as well.
const TOMBSTONES_KEPT = sql`now() - interval '30 days'`

export type QuarantineRepo = ReturnType<typeof createQuarantineRepo>

/** Volumes without a row, since when, and which projects were deleted by their owners. Times are the database's. */
export function createQuarantineRepo (db: Database) {
  return {
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
