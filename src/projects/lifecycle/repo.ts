import { and, eq, getTableColumns, gt, inArray, isNotNull, isNull, lt, ne, notExists, or, sql, type SQL } from 'drizzle-orm'
import type { Database, Querying } from '../../db/open.ts'
import { containerInstances } from '../../db/schema/container-instances.ts'
import { deletedProjects } from '../../db/schema/deleted-projects.ts'
import { projectServices } from '../../db/schema/project-services.ts'
import { projectVolumes } from '../../db/schema/project-volumes.ts'
import { projects } from '../../db/schema/projects.ts'
import { ago, fromNow } from '../../db/time.ts'
import type { Lease } from '../../leases/lease.ts'
import { refuseStart, StartRefusedError, type AdmissionLimits, type Running } from './admission.ts'

const EXPIRED_AT_ONCE = 32

export type Operation = 'start' | 'stop' | 'delete' | 'settle'

// All times are the database's: servers with clocks of their own agree on leases and on idleness.
const isLeased = sql<boolean>`coalesce(${projects.operationExpiresAt} > now(), false)`
const isDeleted = sql<boolean>`${projects.deletedAt} is not null`
const columns = { ...getTableColumns(projects), isLeased, isDeleted }

const PAGE = 500
const IDLE_PAGE = 64
const FEW = 3
/** Of the transactions that count running projects; any number that nobody else takes. */
const START_LOCK = 1_112_888_404

const statusDuring = { start: 'starting', stop: 'stopping', delete: undefined, settle: undefined } as const

export type LifecycleProject = NonNullable<Awaited<ReturnType<LifecycleRepo['find']>>>
export type LifecycleRepo = ReturnType<typeof createLifecycleRepo>
export type ProjectLease = Lease<LifecycleProject>

export interface LifecycleClaim {
  readonly operation: Operation
  /** Only if it has not been active for so long. */
  readonly idleMs?: number
  /** Of a start: throws StartRefusedError where there is no room for it. */
  readonly admission?: AdmissionLimits
}

/** The rows of projects at work. Every write names the operation's token, so that a server that has lost its lease writes nothing. */
export function createLifecycleRepo (db: Database, { idleMaxMs }: { idleMaxMs: number }) {
  const mine = (id: string, token: string): SQL | undefined => and(eq(projects.id, id), eq(projects.operationOwner, token))
  const awake = or(ne(projects.status, 'stopped'), isNotNull(projects.deletedAt))
  /** A service may keep its project awake for longer. */
  const isIdle = (idleMs: number): SQL | undefined => and(
    lt(projects.lastActiveAt, ago(idleMs)),
    or(lt(projects.lastActiveAt, ago(idleMaxMs)), notExists(db.select().from(projectServices).where(and(eq(projectServices.projectId, projects.id), projectServices.keepsAwake))))
  )
  const ownerOf = (id: string): SQL => sql`(select user_id from projects as asked where asked.id = ${id})`

  /** Those that have a container, or are about to, beside that one, which asks for so much memory. */
  async function weighRunning (querying: Querying, id: string, memoryBytes: number): Promise<{ askedBytes: number, running: Running }> {
    const bytes = sql`coalesce(${projects.memoryBytes}, ${memoryBytes}::bigint)`
    const isOther = ne(projects.id, id)
    const isOwn = sql`${isOther} and ${projects.userId} = ${ownerOf(id)}`
    const number = (value: SQL, filter: SQL) => sql<number>`coalesce(${value} filter (where ${filter}), 0)`.mapWith(Number)
    const [row] = await querying.select({
      askedBytes: number(sql`sum(${bytes})`, eq(projects.id, id)),
      count: number(sql`count(*)`, isOther),
      bytes: number(sql`sum(${bytes})`, isOther),
      ownersCount: number(sql`count(*)`, isOwn),
      ownersBytes: number(sql`sum(${bytes})`, isOwn),
      ownersMost: sql<number | null>`(select projects_running_most from users where users.id = ${ownerOf(id)})`
    }).from(projects).where(or(inArray(projects.status, ['starting', 'running', 'stopping']), eq(projects.id, id)))
    const { askedBytes, ...running } = row ?? { askedBytes: memoryBytes, count: 0, bytes: 0, ownersCount: 0, ownersBytes: 0, ownersMost: null }
    return { askedBytes, running }
  }

  const released = { operation: null, operationOwner: null, operationExpiresAt: null }

  return {
    find: async (id: string) => {
      const [project] = await db.select(columns).from(projects).where(eq(projects.id, id))
      return project
    },

    /** Takes the lease of a project that nobody is at work on; undefined if somebody is, or it is not in that state any more. */
    claim: async (id: string, { operation, token, leaseMs, idleMs, admission }: LifecycleClaim & { token: string, leaseMs: number }) => {
      const status = statusDuring[operation]
      const claimWith = async (querying: Querying) => await querying.update(projects)
        .set({
          operation,
          operationOwner: token,
          operationExpiresAt: fromNow(leaseMs),
          leaseNumber: sql`${projects.leaseNumber} + 1`,
          ...(status === undefined ? {} : { status, error: null })
        })
        .where(and(
          eq(projects.id, id),
          or(isNull(projects.operationExpiresAt), sql`${projects.operationExpiresAt} <= now()`),
          ...(operation === 'start' || operation === 'stop' ? [isNull(projects.deletedAt)] : []),
          ...(operation === 'start' ? [ne(projects.status, 'running')] : []),
          ...(operation === 'stop' ? [ne(projects.status, 'stopped')] : []),
          ...(idleMs === undefined ? [] : [eq(projects.status, 'running'), isIdle(idleMs)])
        ))
        .returning(columns)
      if (admission === undefined) return (await claimWith(db))[0]
      const rows = await db.transaction(async (transaction) => {
        // One start at a time, or two would both find the last place free.
        await transaction.execute(sql`select pg_advisory_xact_lock(${START_LOCK})`)
        const { askedBytes, running } = await weighRunning(transaction, id, admission.memoryBytes)
        const refusal = refuseStart(askedBytes, running, admission)
        if (refusal !== undefined) throw new StartRefusedError(refusal, running.ownersMost ?? admission.perOwner)
        return await claimWith(transaction)
      })
      return rows[0]
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

    /** The row goes, and a tombstone stays: whatever of the project turns up on the Engine later was deleted by its owner. */
    remove: async (id: string, token: string): Promise<void> => {
      await db.transaction(async (transaction) => {
        const rows = await transaction.delete(projects).where(mine(id, token)).returning({ projectId: projects.id })
        if (rows.length > 0) await transaction.insert(deletedProjects).values(rows).onConflictDoNothing()
      })
    },

    /** The projects of these ids, and all that are not stopped or are being deleted. */
    listForReconcile: async (ids: readonly string[]) => {
      const list = async (which: SQL | undefined) => await db.select({ id: projects.id, status: projects.status, isLeased, isDeleted })
        .from(projects)
        .where(which)
        .orderBy(projects.id)
        .limit(PAGE)
      const found: Awaited<ReturnType<typeof list>> = []
      for (let from = 0; from < ids.length; from += PAGE) found.push(...await list(inArray(projects.id, ids.slice(from, from + PAGE))))
      for (let page = await list(awake); page.length > 0; page = await list(and(awake, gt(projects.id, page.at(-1)!.id)))) found.push(...page)
      return [...new Map(found.map((project) => [project.id, project])).values()]
    },

    /** Whose server has died in the middle of an operation. */
    listExpired: async (): Promise<string[]> => {
      const rows = await db.select({ id: projects.id })
        .from(projects)
        .where(and(isNotNull(projects.operation), sql`${projects.operationExpiresAt} <= now()`))
        .orderBy(projects.operationExpiresAt)
        .limit(EXPIRED_AT_ONCE)
      return rows.map(({ id }) => id)
    },

    listRunning: async (): Promise<Array<{ projectId: string, containerId: string }>> => {
      return await db.select({ projectId: projects.id, containerId: containerInstances.containerId })
        .from(projects)
        .innerJoin(containerInstances, and(eq(containerInstances.projectId, projects.id), eq(containerInstances.state, 'running')))
        .where(eq(projects.status, 'running'))
    },

    /** The owner's running projects that have been idle for so long, the idlest first; of that project's owner, but that one. */
    listIdlest: async (projectId: string, idleMs: number): Promise<string[]> => {
      const rows = await db.select({ id: projects.id })
        .from(projects)
        .where(and(eq(projects.userId, ownerOf(projectId)), ne(projects.id, projectId), eq(projects.status, 'running'), isNull(projects.deletedAt), lt(projects.lastActiveAt, ago(idleMs))))
        .orderBy(projects.lastActiveAt)
        .limit(FEW)
      return rows.map(({ id }) => id)
    },

    /** The idlest first, and no more than are stopped in one go. */
    listIdle: async (idleMs: number): Promise<string[]> => {
      const rows = await db.select({ id: projects.id })
        .from(projects)
        .where(and(eq(projects.status, 'running'), isNull(projects.deletedAt), isIdle(idleMs)))
        .orderBy(projects.lastActiveAt)
        .limit(IDLE_PAGE)
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
