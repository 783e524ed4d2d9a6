import { and, count, eq, getTableColumns, inArray, isNotNull, isNull, max, not, notExists, or, sql, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { isBackupUnderWay } from '../../../db/backup-lock.ts'
import type { Database } from '../../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../../db/page.ts'
import { projectFiles } from '../../../db/schema/project-files.ts'
import { projectVolumes } from '../../../db/schema/project-volumes.ts'
import { projects } from '../../../db/schema/projects.ts'
import { snapshots, type SnapshotKind } from '../../../db/schema/snapshots.ts'
import { ago } from '../../../db/time.ts'
import type { SnapshotState } from '../../lifecycle/status/service.ts'

export type SnapshotRow = typeof snapshots.$inferSelect
export type SnapshotRepo = ReturnType<typeof createSnapshotRepo>

/** The full snapshot that a differential one is the difference to. */
export interface Base {
  readonly objectKey: string
  readonly size: number
  readonly checksum: Buffer
  readonly takenAt: Date
  /** Of its files. */
  readonly contentBytes: number
}

/** A project whose files may differ from its newest snapshot. */
export interface DueProject {
  readonly projectId: string
  readonly owner: string
  /** When they may last have changed, or while it runs, begun to. */
  readonly dueAt: Date
  /** When somebody last looked. */
  readonly checkedAt: Date | null
  /** Its programs may change them all the time. */
  readonly isRunning: boolean
}

/** How soon a project is due, by the database's clock. */
export interface DueAges {
  /** Stopped and not changed for so long. */
  readonly quietMs: number
  /** Running for so long. */
  readonly firstMs: number
  /** Running, and not looked at for so long. */
  readonly everyMs: number
  /** Not looked at for so long since it went wrong. */
  readonly retryMs: number
}

/** Bytes of objects, each counted once. */
export interface SnapshotUsage {
  readonly ofOwner: number
  readonly ofAll: number
  /** Set for this owner; null for what the server gives everybody. */
  readonly ownersMost: number | null
}

/** Those that wait longest; the others come with one of the next rounds. */
const MOST_DUE = 1_000

/** What a snapshot turned out to be when it had been stored. */
export interface SnapshotFacts {
  readonly size: number
  readonly contentBytes: number
  readonly files: number
  readonly leftOut: number
  readonly checksum: Buffer
  readonly digest: Buffer
}

/** Snapshots, and those that are to go: their rows lead to the objects, and so go last. */
export function createSnapshotRepo (db: Database) {
  const columns = getTableColumns(snapshots)
  const isGarbage = and(isNull(snapshots.projectId), isNull(snapshots.assignmentId))
  const ofSomebody = sql`from snapshots s left join projects p on p.id = s.project_id left join assignments a on a.id = s.assignment_id where num_nonnulls(s.project_id, s.assignment_id) > 0`
  const isComplete = eq(snapshots.state, 'complete')
  const ofProject = (projectId: string) => and(eq(snapshots.projectId, projectId), isComplete)
  // drizzle takes a joined row whose first column is null for one that is not there.
  const { projectId, snapshotCheckedAt: checkedAt, snapshotError: error, recoveredAt, isRestored } = projectVolumes
  const newest = db.select({ at: max(snapshots.createdAt) }).from(snapshots).where(and(eq(snapshots.projectId, projects.id), isComplete))
  const state = db.select({ newestAt: sql<Date | null>`${newest}`.mapWith(snapshots.createdAt), volume: { projectId, checkedAt, error, recoveredAt, isRestored } })
    .from(projects)
    .leftJoin(projectVolumes, eq(projectVolumes.projectId, projects.id))
    .where(eq(projects.id, sql.placeholder('projectId')))
    .prepare('snapshot_state')
  const isNobodyAtWork = or(isNull(projectVolumes.leaseExpiresAt), sql`${projectVolumes.leaseExpiresAt} <= now()`)

  return {
    /**
     * Before its object is written: whatever happens, this row leads to it. From here on the base's object stays. Undefined
     * if that has gone meanwhile.
     */
    begin: async ({ base, ...snapshot }: { projectId: string, name: string | null, kind: SnapshotKind, objectKey: string, base: Base | undefined }): Promise<string | undefined> => {
      return await db.transaction(async (transaction) => {
        if (base !== undefined) {
          const [live] = await transaction.select({ id: snapshots.id }).from(snapshots)
            .where(and(ofProject(snapshot.projectId), or(eq(snapshots.objectKey, base.objectKey), eq(snapshots.baseObjectKey, base.objectKey))))
            .limit(1)
            .for('share')
          if (live === undefined) return undefined
        }
        const [row] = await transaction.insert(snapshots).values({ ...snapshot, ...baseColumns(base) }).returning({ id: snapshots.id })
        return row?.id
      })
    },

    /** The project's first files are in it, and need not be kept any more. Undefined when the project has been deleted meanwhile. */
    complete: async (id: string, facts: SnapshotFacts): Promise<SnapshotRow | undefined> => {
      return await db.transaction(async (transaction) => {
        const [row] = await transaction.update(snapshots)
          .set({ ...facts, state: 'complete' })
          .where(and(eq(snapshots.id, id), isNotNull(snapshots.projectId)))
          .returning(columns)
        if (row?.projectId != null) await transaction.delete(projectFiles).where(eq(projectFiles.projectId, row.projectId))
        return row
      })
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

    /** Each owner's longest due first, then each one's next: nobody's thousand keep those of others out. */
    listDue: async ({ quietMs, firstMs, everyMs, retryMs }: DueAges): Promise<DueProject[]> => {
      const { snapshotDueAt, snapshotCheckedAt, snapshotError } = projectVolumes
      const isOlder = (column: AnyPgColumn, ms: number): SQL => sql`${column} <= ${ago(ms)}`
      const waitingSince = sql`coalesce(${snapshotCheckedAt}, ${snapshotDueAt})`
      return await db.select({
        projectId: projectVolumes.projectId,
        owner: projects.userId,
        dueAt: sql<Date>`${snapshotDueAt}`.mapWith(snapshotDueAt),
        checkedAt: snapshotCheckedAt,
        isRunning: sql<boolean>`${projects.status} = 'running'`
      })
        .from(projectVolumes)
        .innerJoin(projects, eq(projects.id, projectVolumes.projectId))
        .where(and(
          isNotNull(snapshotDueAt),
          isNull(projects.deletedAt),
          isNull(projects.operation),
          or(
            and(inArray(projects.status, ['stopped', 'error']), isOlder(snapshotDueAt, quietMs)),
            and(eq(projects.status, 'running'), isOlder(snapshotDueAt, firstMs), or(isNull(snapshotCheckedAt), isOlder(snapshotCheckedAt, everyMs)))
          ),
          or(isNull(snapshotError), isOlder(snapshotCheckedAt, retryMs)),
          isNobodyAtWork
        ))
        .orderBy(sql`row_number() over (partition by ${projects.userId} order by ${waitingSince})`, waitingSince)
        .limit(MOST_DUE)
    },

    /** That somebody has looked, with what result. */
    recordCheck: async (projectId: string, error: string | null): Promise<void> => {
      await db.update(projectVolumes).set({ snapshotCheckedAt: sql`now()`, snapshotError: error }).where(eq(projectVolumes.projectId, projectId))
    },

    stateOf: async (projectId: string): Promise<SnapshotState> => {
      const [row] = await state.execute({ projectId })
      return {
        newestAt: row?.newestAt ?? null,
        checkedAt: row?.volume?.checkedAt ?? null,
        error: row?.volume?.error ?? null,
        recovered: row?.volume?.recoveredAt == null ? null : { at: row.volume.recoveredAt, isRestored: row.volume.isRestored }
      }
    },

    /** Also of assignments. */
    usageFor: async (owner: string): Promise<SnapshotUsage> => {
      const { rows: [row] } = await db.execute<{ of_owner: string, of_all: string, owners_most: string | null }>(sql`
        select (select snapshot_bytes_most from users where id = ${owner}) as owners_most, coalesce(sum(size), 0) as of_all, coalesce(sum(size) filter (where is_mine), 0) as of_owner
        from (
          select object_key, max(size) as size, bool_or(is_mine) as is_mine
          from (
            select s.object_key, s.size, coalesce(p.user_id, a.teacher_id) = ${owner} as is_mine ${ofSomebody}
            union all
            select s.base_object_key, s.base_size, coalesce(p.user_id, a.teacher_id) = ${owner} ${ofSomebody} and s.base_object_key is not null
          ) as named
          group by object_key
        ) as objects`)
      return { ofOwner: Number(row?.of_owner ?? 0), ofAll: Number(row?.of_all ?? 0), ownersMost: row?.owners_most == null ? null : Number(row.owners_most) }
    },

    /** Automatic ones of an owner's projects, the oldest first, but for the newest of each project. */
    listEvictable: async (owner: string, limit: number): Promise<Array<{ id: string, projectId: string }>> => {
      // Written out: the column alone would be taken for the other's.
      const hasNewer = sql`exists (select 1 from snapshots newer where newer.project_id = ${projects.id} and newer.state = 'complete' and (newer.created_at, newer.id) > (${snapshots}.created_at, ${snapshots}.id))`
      return await db.select({ id: snapshots.id, projectId: projects.id })
        .from(snapshots)
        .innerJoin(projects, eq(projects.id, snapshots.projectId))
        .where(and(eq(projects.userId, owner), eq(snapshots.kind, 'automatic'), isComplete, hasNewer))
        .orderBy(snapshots.createdAt)
        .limit(limit)
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

    /** What is to go, and which of its objects no snapshot needs any more. Nothing goes while a backup copies what was there as it began. */
    listGarbage: async (limit: number): Promise<Array<{ id: string, unneeded: string[] }>> => {
      // Written out: the column alone would be taken for the other's.
      const isNeeded = (key: 'object_key' | 'base_object_key'): SQL<boolean> => sql<boolean>`exists (
        select 1 from snapshots other
        where num_nonnulls(other.project_id, other.assignment_id) > 0 and ${sql.raw(`snapshots.${key}`)} in (other.object_key, other.base_object_key))`
      const rows = await db.select({
        id: snapshots.id,
        objectKey: snapshots.objectKey,
        baseObjectKey: snapshots.baseObjectKey,
        isNeeded: isNeeded('object_key'),
        isBaseNeeded: isNeeded('base_object_key')
      }).from(snapshots).where(and(isGarbage, not(isBackupUnderWay))).limit(limit)
      return rows.map((row) => ({
        id: row.id,
        unneeded: [...(row.isNeeded ? [] : [row.objectKey]), ...(row.baseObjectKey === null || row.isBaseNeeded ? [] : [row.baseObjectKey])]
      }))
    },

    forget: async (id: string): Promise<void> => {
      await db.delete(snapshots).where(and(eq(snapshots.id, id), isGarbage))
    }
  }
}

function baseColumns (base: Base | undefined) {
  if (base === undefined) return {}
  return { baseObjectKey: base.objectKey, baseSize: base.size, baseChecksum: base.checksum, baseTakenAt: base.takenAt, baseContentBytes: base.contentBytes }
}
