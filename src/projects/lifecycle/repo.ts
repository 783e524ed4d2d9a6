import { and, eq, getTableColumns, inArray, isNotNull, isNull, lt, ne, or, sql, type SQL } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { containerInstances } from '../../db/schema/container-instances.ts'
import { projectVolumes } from '../../db/schema/project-volumes.ts'
import { projects } from '../../db/schema/projects.ts'

export type Operation = 'start' | 'stop' | 'delete' | 'settle'

// All times are the database's: servers with clocks of their own agree on leases and on idleness.
const isLeased = sql<boolean>`coalesce(${projects.operationExpiresAt} > now(), false)`
const isDeleted = sql<boolean>`${projects.deletedAt} is not null`
const columns = { ...getTableColumns(projects), isLeased, isDeleted }

function ago (ms: number): SQL {
  return sql`now() - ${ms}::float8 * interval '1 millisecond'`
}

function fromNow (ms: number): SQL {
  return sql`now() + ${ms}::float8 * interval '1 millisecond'`
}

const statusDuring = { start: 'starting', stop: 'stopping', delete: undefined, settle: undefined } as const

export type LifecycleProject = NonNullable<Awaited<ReturnType<LifecycleRepo['find']>>>
export type LifecycleRepo = ReturnType<typeof createLifecycleRepo>

/** The rows of projects at work. Every write names the operation's token, so that a server that has lost its lease writes nothing. */
export function createLifecycleRepo (db: Database) {
  const mine = (id: string, token: string): SQL | undefined => and(eq(projects.id, id), eq(projects.operationOwner, token))
  const released = { operation: null, operationOwner: null, operationExpiresAt: null }

  return {
    find: async (id: string) => {
      const [project] = await db.select(columns).from(projects).where(eq(projects.id, id))
      return project
    },

    /** Takes the lease of a project that nobody is at work on; undefined if somebody is, or it is not in that state any more. */
    claim: async (id: string, { operation, token, leaseMs, idleMs }: { operation: Operation, token: string, leaseMs: number, idleMs?: number | undefined }) => {
      const status = statusDuring[operation]
      const [project] = await db.update(projects)
        .set({
          operation,
          operationOwner: token,
          operationExpiresAt: fromNow(leaseMs),
          ...(status === undefined ? {} : { status, error: null })
        })
        .where(and(
          eq(projects.id, id),
          or(isNull(projects.operationExpiresAt), sql`${projects.operationExpiresAt} <= now()`),
          ...(operation === 'start' || operation === 'stop' ? [isNull(projects.deletedAt)] : []),
          ...(operation === 'start' ? [ne(projects.status, 'running')] : []),
          ...(operation === 'stop' ? [ne(projects.status, 'stopped')] : []),
          ...(idleMs === undefined ? [] : [eq(projects.status, 'running'), lt(projects.lastActiveAt, ago(idleMs))])
        ))
        .returning(columns)
      return project
    },

    /** False when the lease is somebody else's by now. */
    renew: async (id: string, token: string, leaseMs: number): Promise<boolean> => {
      const rows = await db.update(projects).set({ operationExpiresAt: fromNow(leaseMs) }).where(mine(id, token)).returning({ id: projects.id })
      return rows.length > 0
    },

    release: async (id: string, token: string): Promise<void> => {
      await db.update(projects).set(released).where(mine(id, token))
    },

    /** Records a new container; of those before only this one is kept. False when the lease was lost. */
    recordContainer: async (projectId: string, token: string, container: { containerId: string, image: string }): Promise<boolean> => {
      return await db.transaction(async (transaction) => {
        const rows = await transaction.select({ id: projects.id }).from(projects).where(mine(projectId, token)).for('update')
        if (rows.length === 0) return false
        await transaction.delete(containerInstances).where(eq(containerInstances.projectId, projectId))
        await transaction.insert(containerInstances).values({ projectId, ...container })
        // Before anything can run in it that changes files.
        await transaction.insert(projectVolumes)
          .values({ projectId, snapshotDueAt: sql`now()` })
          .onConflictDoUpdate({ target: projectVolumes.projectId, set: { snapshotDueAt: sql`now()` } })
        return true
      })
    },

    /** The end of a start. False when the project was deleted meanwhile, or the lease was lost. */
    finishStart: async (id: string, token: string, { containerId, previewHostPort }: { containerId: string, previewHostPort: number | null }): Promise<boolean> => {
      return await db.transaction(async (transaction) => {
        const rows = await transaction.update(projects)
          .set({ ...released, status: 'running', error: null, lastActiveAt: sql`now()` })
          .where(and(mine(id, token), isNull(projects.deletedAt)))
          .returning({ id: projects.id })
        if (rows.length === 0) return false
        await transaction.update(containerInstances)
          .set({ state: 'running', startedAt: sql`now()`, previewHostPort })
          .where(eq(containerInstances.containerId, containerId))
        return true
      })
    },

    /** The project has no container from here on. */
    finishRest: async (id: string, token: string, rest: { status: 'stopped' | 'error', error: string | null }): Promise<void> => {
      await db.transaction(async (transaction) => {
        await transaction.update(containerInstances)
          .set({ state: 'stopped', stoppedAt: sql`now()` })
          .where(and(eq(containerInstances.projectId, id), ne(containerInstances.state, 'stopped')))
        await transaction.update(projects).set({ ...released, ...rest }).where(mine(id, token))
      })
    },

    /** From here on the project is nobody's. False if the owner has no such project. */
    markDeleted: async (owner: string, id: string): Promise<boolean> => {
      const rows = await db.update(projects)
        .set({ deletedAt: sql`now()` })
        .where(and(eq(projects.id, id), eq(projects.userId, owner), isNull(projects.deletedAt)))
        .returning({ id: projects.id })
      return rows.length > 0
    },

    remove: async (id: string, token: string): Promise<void> => {
      await db.delete(projects).where(mine(id, token))
    },

    /** The projects of these ids, and all that are not at rest or are being deleted. */
    listForReconcile: async (ids: readonly string[]) => {
      return await db.select({ id: projects.id, status: projects.status, isLeased, isDeleted })
        .from(projects)
        .where(or(
          ...(ids.length === 0 ? [] : [inArray(projects.id, [...ids])]),
          ne(projects.status, 'stopped'),
          isNotNull(projects.deletedAt)
        ))
    },

    listIdle: async (idleMs: number): Promise<string[]> => {
      const rows = await db.select({ id: projects.id })
        .from(projects)
        .where(and(eq(projects.status, 'running'), isNull(projects.deletedAt), lt(projects.lastActiveAt, ago(idleMs))))
      return rows.map(({ id }) => id)
    },

    /** How long ago each project was last active, in one statement. */
    recordActivity: async (agesMs: ReadonlyMap<string, number>): Promise<void> => {
      if (agesMs.size === 0) return
      const values = sql.join([...agesMs].map(([id, ageMs]) => sql`(${id}::uuid, ${ageMs}::float8)`), sql`, `)
      await db.execute(sql`
        update ${projects} set last_active_at = greatest(last_active_at, now() - age_ms * interval '1 millisecond')
        from (values ${values}) as activity (project_id, age_ms)
        where id = project_id and status = 'running'`)
    }
  }
}
