import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lt, lte, ne, or, sql } from 'drizzle-orm'
import type { Database, Querying } from '../../db/open.ts'
import { pageAfter, newestFirst, type Cursor } from '../../db/page.ts'
import { executionLogs, executionSessions, type SessionStatus } from '../../db/schema/index.ts'

/** Which server runs a session: its data directory, and its present life. */
export interface Host {
  readonly instanceId: string
  readonly bootId: string
}

export type StoredSession = typeof executionSessions.$inferSelect
export type StoredLog = typeof executionLogs.$inferSelect
export type SessionRow = Omit<StoredSession, 'instanceId' | 'bootId' | 'leaseExpiresAt' | 'projectId'>
export type LogRow = Omit<StoredLog, 'createdAt'>

export interface SessionFilter {
  readonly status?: SessionStatus | undefined
  readonly language?: string | undefined
}

// The protocol counts parameters in 16 bits.
const ROWS_PER_STATEMENT = 1_000
const LEASE = sql`now() + interval '60 seconds'`

const updated = (column: string) => sql.raw(`excluded.${column}`)

/** Writes sessions as they are now, and what they have printed; of `uncertain` ones whatever may have been written already is replaced. */
export async function saveSessions (db: Database, host: Host, { sessions, logs, uncertain }: {
  sessions: readonly SessionRow[]
  logs: readonly LogRow[]
  uncertain: ReadonlyArray<{ sessionId: string, seq: number }>
}): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert(executionSessions)
      .values(sessions.map((session) => ({ ...session, ...host, leaseExpiresAt: LEASE })))
      .onConflictDoUpdate({
        target: executionSessions.id,
        set: {
          status: updated('status'),
          message: updated('message'),
          exitCode: updated('exit_code'),
          signal: updated('signal'),
          executionTime: updated('execution_time'),
          cpuTime: updated('cpu_time'),
          memory: updated('memory'),
          result: updated('result'),
          isLogTruncated: updated('is_log_truncated'),
          bytes: updated('bytes'),
          startedAt: updated('started_at'),
          finishedAt: updated('finished_at'),
          leaseExpiresAt: updated('lease_expires_at')
        }
      })
    for (const { sessionId, seq } of uncertain) {
      await tx.delete(executionLogs).where(and(eq(executionLogs.sessionId, sessionId), gt(executionLogs.seq, seq)))
    }
    for (let i = 0; i < logs.length; i += ROWS_PER_STATEMENT) {
      await tx.insert(executionLogs).values(logs.slice(i, i + ROWS_PER_STATEMENT))
    }
  })
}

export async function findSession (db: Querying, owner: string, id: string): Promise<StoredSession | undefined> {
  const rows = await db.select().from(executionSessions).where(and(eq(executionSessions.id, id), eq(executionSessions.userId, owner)))
  return rows[0]
}

/** One row more than `limit`, newest first. */
export async function listSessions (db: Querying, owner: string, { status, language }: SessionFilter, cursor: Cursor | undefined, limit: number): Promise<StoredSession[]> {
  const { userId } = executionSessions
  const condition = and(
    eq(userId, owner),
    status === undefined ? undefined : eq(executionSessions.status, status),
    language === undefined ? undefined : eq(executionSessions.language, language)
  ) ?? eq(userId, owner)
  return await db.select().from(executionSessions)
    .where(pageAfter(executionSessions, cursor, condition))
    .orderBy(...newestFirst(executionSessions))
    .limit(limit + 1)
}

/** The next rows with messages after `since`. */
export async function listLogs (db: Querying, sessionId: string, since: number, limit: number): Promise<StoredLog[]> {
  return await db.select().from(executionLogs)
    .where(and(eq(executionLogs.sessionId, sessionId), gt(executionLogs.seq, since)))
    .orderBy(asc(executionLogs.seq))
    .limit(limit)
}

export async function renewLeases (db: Querying, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db.update(executionSessions).set({ leaseExpiresAt: LEASE }).where(and(inArray(executionSessions.id, [...ids]), isNull(executionSessions.finishedAt)))
}

/** Ends sessions that nobody runs any more: those of this server's earlier lives, and those whose lease has run out. */
export async function endAbandoned (db: Querying, { instanceId, bootId }: Host, message: string): Promise<string[]> {
  const rows = await db.update(executionSessions)
    .set({ status: 'internal_error', message, finishedAt: sql`now()` })
    .where(and(isNull(executionSessions.finishedAt), or(
      and(eq(executionSessions.instanceId, instanceId), ne(executionSessions.bootId, bootId)),
      lt(executionSessions.leaseExpiresAt, sql`now()`)
    )))
    .returning({ id: executionSessions.id })
  return rows.map(({ id }) => id)
}

/** Deletes at most `limit` sessions, of one user or all, that have ended and were created until `until`, the oldest first; returns how many there were. */
export async function deleteOldSessions (db: Querying, until: Date, limit: number, userId?: string): Promise<number> {
  const oldest = db.select({ id: executionSessions.id }).from(executionSessions)
    .where(and(lte(executionSessions.createdAt, until), isNotNull(executionSessions.finishedAt), userId === undefined ? undefined : eq(executionSessions.userId, userId)))
    .orderBy(asc(executionSessions.createdAt))
    .limit(limit)
  const rows = await db.delete(executionSessions).where(inArray(executionSessions.id, oldest)).returning({ id: executionSessions.id })
  return rows.length
}

/** What the sessions of each user take. Reads all rows. */
export async function measureUsers (db: Querying): Promise<Array<{ userId: string, bytes: number }>> {
  return await db.select({ userId: executionSessions.userId, bytes: sql<number>`sum(${executionSessions.bytes})::float8` })
    .from(executionSessions)
    .groupBy(executionSessions.userId)
}

/** When the newest session was created before which a user's sessions have to go for `bytes` to hold what remains. */
export async function findCutoff (db: Querying, userId: string, bytes: number): Promise<Date | undefined> {
  const kept = db.select({ createdAt: executionSessions.createdAt, sum: sql<number>`sum(${executionSessions.bytes}) over (order by ${executionSessions.createdAt} desc, ${executionSessions.id} desc)`.as('sum') })
    .from(executionSessions)
    .where(eq(executionSessions.userId, userId))
    .as('kept')
  const rows = await db.select({ createdAt: kept.createdAt }).from(kept).where(gt(kept.sum, bytes)).orderBy(desc(kept.createdAt)).limit(1)
  return rows[0]?.createdAt
}
