import { and, desc, eq, gte, inArray, lt, lte, sql, type SQL } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { auditEvents } from '../../db/schema/index.ts'

export type AuditRow = typeof auditEvents.$inferSelect

export interface AuditFilter {
  readonly userId?: string | undefined
  readonly action?: string | undefined
  readonly subject?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

/** Where a page of events ended. */
export interface AuditCursor {
  readonly createdAt: Date
  readonly id: number
}

/** Newest first; of the same millisecond by number. Each filter is answered in this order by an index, among ten million events, too. */
export async function listAuditEvents (db: Querying, filter: AuditFilter, { limit, after }: { limit: number, after: AuditCursor | undefined }): Promise<AuditRow[]> {
  const { userId, action, subject, since, until } = filter
  const conditions: Array<SQL | undefined> = [
    userId === undefined ? undefined : eq(auditEvents.userId, userId),
    action === undefined ? undefined : eq(auditEvents.action, action),
    subject === undefined ? undefined : eq(auditEvents.subject, subject),
    since === undefined ? undefined : gte(auditEvents.createdAt, since),
    until === undefined ? undefined : lt(auditEvents.createdAt, until),
    after === undefined ? undefined : sql`(${auditEvents.createdAt}, ${auditEvents.id}) < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::bigint)`
  ]
  return await db.select().from(auditEvents).where(and(...conditions)).orderBy(desc(auditEvents.createdAt), desc(auditEvents.id)).limit(limit)
}

/** Deletes at most `limit` of those that are too old, or else of those that are too many beside newer ones, so that no lock is held for long. Returns how many. */
export async function deleteOldAuditEvents (db: Querying, { before, most }: { before: Date, most: number }, limit: number): Promise<number> {
  const { id, createdAt } = auditEvents
  // Apart, so that each is a look at the end of an index: together they would be one at every event, each hour.
  const old = db.select({ id }).from(auditEvents).where(lt(createdAt, before)).orderBy(createdAt, id).limit(limit)
  const tooMany = db.select({ id }).from(auditEvents).where(lte(id, sql`(select max(${id}) - ${most} from ${auditEvents})`)).orderBy(id).limit(limit)
  for (const which of [old, tooMany]) {
    const deleted = (await db.delete(auditEvents).where(inArray(id, which)).returning({ id })).length
    if (deleted > 0) return deleted
  }
  return 0
}
