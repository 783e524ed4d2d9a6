import { and, eq, isNull } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { projects } from '../../db/schema/projects.ts'
import { snapshots } from '../../db/schema/snapshots.ts'
import { errors } from '../../errors.ts'

/**
 * Gives a new project a snapshot of another one of the same owner: a row of its own that leads to the same object. Within
 * a transaction: until its end the snapshot cannot be deleted, nor its object.
 */
export async function shareSnapshot (transaction: Querying, owner: string, snapshotId: string, projectId: string): Promise<void> {
  const [found] = await transaction.select({ snapshot: snapshots })
    .from(snapshots)
    .innerJoin(projects, eq(projects.id, snapshots.projectId))
    .where(and(eq(snapshots.id, snapshotId), eq(snapshots.state, 'complete'), eq(projects.userId, owner), isNull(projects.deletedAt)))
    .for('share', { of: snapshots })
  if (found === undefined) throw new errors.SNAPSHOT_NOT_FOUND()
  const { id, name, createdAt, ...shared } = found.snapshot
  await transaction.insert(snapshots).values({ ...shared, projectId, kind: 'automatic' })
}
