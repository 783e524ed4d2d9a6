import { and, eq, gte, isNull, lt, sql, type SQL } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { executionSessions, projects, snapshots, users } from '../../db/schema/index.ts'

/** What somebody uses, and has used. Counted are runs of which the record is still kept. */
export interface UsageRow {
  readonly id: string
  readonly email: string | null
  readonly createdAt: Date
  readonly runs: number
  /** Of those runs, all their processes together. */
  readonly cpuMs: number
  readonly projects: number
  readonly projectsRunning: number
  /** Of the objects of their projects' snapshots; one that several name counts once for each. */
  readonly snapshotBytes: number
}

export interface UsagePeriod {
  readonly since: Date
  readonly until: Date
}

function usage (db: Querying, { since, until }: UsagePeriod) {
  const number = (query: SQL) => sql<number>`coalesce((${query}), 0)`.mapWith(Number)
  const { userId, createdAt, cpuTime } = executionSessions
  const isRun = and(eq(userId, users.id), gte(createdAt, since), lt(createdAt, until))
  const isProject = and(eq(projects.userId, users.id), isNull(projects.deletedAt))
  return db.select({
    id: users.id,
    email: users.email,
    createdAt: users.createdAt,
    runs: number(sql`select count(*) from ${executionSessions} where ${isRun}`),
    cpuMs: number(sql`select sum(${cpuTime}) from ${executionSessions} where ${isRun}`),
    projects: number(sql`select count(*) from ${projects} where ${isProject}`),
    projectsRunning: number(sql`select count(*) from ${projects} where ${isProject} and ${projects.status} = 'running'`),
    snapshotBytes: number(sql`select sum(${snapshots.size}) from ${snapshots} join ${projects} on ${projects.id} = ${snapshots.projectId} where ${isProject} and ${snapshots.state} = 'complete'`)
  }).from(users)
}

export async function usageOf (db: Querying, userId: string, period: UsagePeriod): Promise<UsageRow | undefined> {
  const [row] = await usage(db, period).where(eq(users.id, userId))
  return row
}

/** Everybody's, the newest account first. */
export async function listUsage (db: Querying, period: UsagePeriod, { limit, cursor }: { limit: number, cursor: Cursor | undefined }): Promise<UsageRow[]> {
  return await usage(db, period).where(pageAfter(users, cursor, sql`true`)).orderBy(...newestFirst(users)).limit(limit)
}
