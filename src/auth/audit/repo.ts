import { and, desc, eq, gte, inArray, lt, lte, or, sql, type SQL } from 'drizzle-orm'
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

/** Newest first, by number: events are numbered as they are written. */
export async function listAuditEvents (db: Querying, filter: AuditFilter, { limit, before }: { limit: number, before: number | undefined }): Promise<AuditRow[]> {
  const { userId, action, subject, since, until } = filter
  const conditions: Array<SQL | undefined> = [
    userId === undefined ? undefined : eq(auditEvents.userId, userId),
    action === undefined ? undefined : eq(auditEvents.action, action),
    subject === undefined ? undefined : eq(auditEvents.subject, subject),
    since === undefined ? undefined : gte(auditEvents.createdAt, since),
    until === undefined ? undefined : lt(auditEvents.createdAt, until),
    before === undefined ? undefined : lt(auditEvents.id, before)
  ]
  return await db.select().from(auditEvents).where(and(...conditions)).orderBy(desc(auditEvents.id)).limit(limit)
}

/** Deletes at most `limit` of those that are too old, or too many beside newer ones, so that no lock is held for long. Returns how many. */
export async function deleteOldAuditEvents (db: Querying, { before, most }: { before: Date, most: number }, limit: number): Promise<number> {
  const { id, createdAt } = auditEvents
  const old = db.select({ id }).from(auditEvents)
    .where(or(lt(createdAt, before), lte(id, sql`(select max(${id}) - ${most} from ${auditEvents})`)))
    .orderBy(id)
    .limit(limit)
  return (await db.delete(auditEvents).where(inArray(id, old)).returning({ id })).length
}
