import { and, eq, inArray, isNull } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { projects } from '../../db/schema/projects.ts'
import { snapshots } from '../../db/schema/snapshots.ts'
import { errors } from '../../errors.ts'
import { roleIn, rolesWith } from './roles.ts'

type SnapshotRow = typeof snapshots.$inferSelect

/**
 * A snapshot that somebody may make other projects of, as they work in its project. Within a transaction: until its end the
 * snapshot cannot be deleted, nor its object.
 */
export async function findSharedSnapshot (transaction: Querying, userId: string, snapshotId: string): Promise<{ snapshot: SnapshotRow, project: typeof projects.$inferSelect }> {
  const [found] = await transaction.select({ snapshot: snapshots, project: projects })
    .from(snapshots)
    .innerJoin(projects, eq(projects.id, snapshots.projectId))
    .where(and(eq(snapshots.id, snapshotId), eq(snapshots.state, 'complete'), inArray(roleIn(userId), rolesWith('edit')), isNull(projects.deletedAt)))
    .for('share', { of: snapshots })
  if (found === undefined) throw new errors.SNAPSHOT_NOT_FOUND()
  return found
}

/** That one also for another project, or an assignment: a row of its own that leads to the same object. */
export async function shareSnapshot (transaction: Querying, snapshot: SnapshotRow, to: { projectId: string } | { assignmentId: string }): Promise<void> {
  const { id, name, createdAt, projectId, assignmentId, ...shared } = snapshot
  await transaction.insert(snapshots).values({ ...shared, ...to, kind: 'automatic' })
}
