import { and, desc, eq, gte, lt, sql, type SQL } from 'drizzle-orm'
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

/** Deletes at most `most` of those that are too old, so that no lock is held for long. Returns how many. */
export async function deleteOldAuditEvents (db: Querying, before: Date, most: number): Promise<number> {
  const old = sql`(select ${auditEvents.id} from ${auditEvents} where ${auditEvents.createdAt} < ${before.toISOString()}::timestamptz order by ${auditEvents.createdAt} limit ${most})`
  return (await db.delete(auditEvents).where(sql`${auditEvents.id} in ${old}`).returning({ id: auditEvents.id })).length
}
