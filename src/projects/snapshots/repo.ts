import { and, count, eq, getTableColumns, isNotNull, isNull, notExists, or, sql } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { projectVolumes } from '../../db/schema/project-volumes.ts'
import { projects } from '../../db/schema/projects.ts'
import { snapshots, type SnapshotKind } from '../../db/schema/snapshots.ts'

export type SnapshotRow = typeof snapshots.$inferSelect
export type SnapshotRepo = ReturnType<typeof createSnapshotRepo>

/** A project at rest whose files may differ from its newest snapshot. */
export interface DueProject {
  readonly projectId: string
  /** When they may last have changed. */
  readonly dueAt: Date
  /** For how long nothing has changed them, by the database's clock. */
  readonly quietMs: number
}

/** What a snapshot turned out to be when it had been stored. */
export interface SnapshotFacts {
  readonly size: number
  readonly files: number
  readonly leftOut: number
  readonly checksum: Buffer
  readonly digest: Buffer
}

/** Snapshots, and those that are to go: their rows lead to the objects, and so go last. */
export function createSnapshotRepo (db: Database) {
  const columns = getTableColumns(snapshots)
  const isComplete = eq(snapshots.state, 'complete')
  const ofProject = (projectId: string) => and(eq(snapshots.projectId, projectId), isComplete)
  const isNobodyAtWork = or(isNull(projectVolumes.leaseExpiresAt), sql`${projectVolumes.leaseExpiresAt} <= now()`)

  return {
    /** Before its object is written: whatever happens, this row leads to it. */
    begin: async (snapshot: { projectId: string, name: string | null, kind: SnapshotKind, objectKey: string }): Promise<string> => {
      const [row] = await db.insert(snapshots).values(snapshot).returning({ id: snapshots.id })
      if (row === undefined) throw new Error('an inserted snapshot was not returned')
      return row.id
    },

    /** Undefined when the project has been deleted meanwhile. */
    complete: async (id: string, facts: SnapshotFacts): Promise<SnapshotRow | undefined> => {
      const [row] = await db.update(snapshots)
        .set({ ...facts, state: 'complete' })
        .where(and(eq(snapshots.id, id), isNotNull(snapshots.projectId)))
        .returning(columns)
      return row
    },

    /** From here on nobody sees it, and its object is to be removed. False if the project has no such snapshot. */
    discard: async (projectId: string, id: string): Promise<boolean> => {
      const rows = await db.update(snapshots).set({ projectId: null })
        .where(and(eq(snapshots.id, id), eq(snapshots.projectId, projectId)))
        .returning({ id: snapshots.id })
      return rows.length > 0
    },

    find: async (projectId: string, id: string): Promise<SnapshotRow | undefined> => {
      const [row] = await db.select().from(snapshots).where(and(eq(snapshots.id, id), ofProject(projectId)))
      return row
    },

    /** The newest first. */
    list: async (projectId: string, { limit, cursor }: { limit: number, cursor: Cursor | undefined }): Promise<SnapshotRow[]> => {
      return await db.select().from(snapshots)
        .where(pageAfter(snapshots, cursor, sql`${ofProject(projectId)}`))
        .orderBy(...newestFirst(snapshots))
        .limit(limit)
    },

    listAll: async (projectId: string): Promise<SnapshotRow[]> => {
      return await db.select().from(snapshots).where(ofProject(projectId)).orderBy(...newestFirst(snapshots))
    },

    countManual: async (projectId: string): Promise<number> => {
      const [row] = await db.select({ count: count() }).from(snapshots).where(and(ofProject(projectId), eq(snapshots.kind, 'manual')))
      return row?.count ?? 0
    },

    listDue: async (): Promise<DueProject[]> => {
      const dueAt = sql<Date>`${projectVolumes.snapshotDueAt}`.mapWith(projectVolumes.snapshotDueAt)
      const quietMs = sql<number>`extract(epoch from now() - ${projectVolumes.snapshotDueAt})::float8 * 1000`
      return await db.select({ projectId: projectVolumes.projectId, dueAt, quietMs })
        .from(projectVolumes)
        .innerJoin(projects, eq(projects.id, projectVolumes.projectId))
        .where(and(
          isNotNull(projectVolumes.snapshotDueAt),
          isNull(projects.deletedAt),
          isNull(projects.operation),
          or(eq(projects.status, 'stopped'), eq(projects.status, 'error')),
          isNobodyAtWork
        ))
        .orderBy(projectVolumes.snapshotDueAt)
    },

    /** Unless it has been started or changed since. */
    clearDue: async (projectId: string, dueAt: Date): Promise<void> => {
      await db.update(projectVolumes).set({ snapshotDueAt: null })
        .where(and(eq(projectVolumes.projectId, projectId), eq(projectVolumes.snapshotDueAt, dueAt)))
    },

    /** Those that a server has left half made: nobody has the volume any more. */
    discardAbandoned: async (): Promise<void> => {
      const atWork = db.select({ one: sql`1` }).from(projectVolumes)
        .where(and(eq(projectVolumes.projectId, snapshots.projectId), sql`${projectVolumes.leaseExpiresAt} > now()`))
      await db.update(snapshots).set({ projectId: null })
        .where(and(eq(snapshots.state, 'pending'), isNotNull(snapshots.projectId), notExists(atWork)))
    },

    /** What is to go, and whether its object is still another snapshot's. */
    listGarbage: async (limit: number): Promise<Array<{ id: string, objectKey: string, isShared: boolean }>> => {
      // Written out: the column alone would be taken for the other's.
      const isShared = sql<boolean>`exists (select 1 from snapshots other where other.object_key = ${snapshots}.object_key and other.project_id is not null)`
      return await db.select({ id: snapshots.id, objectKey: snapshots.objectKey, isShared })
        .from(snapshots)
        .where(isNull(snapshots.projectId))
        .limit(limit)
    },

    forget: async (id: string): Promise<void> => {
      await db.delete(snapshots).where(and(eq(snapshots.id, id), isNull(snapshots.projectId)))
    }
  }
}
