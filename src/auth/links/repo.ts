import { and, eq, gt, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { accountLinks, type UserRole } from '../../db/schema/index.ts'

export type LinkRow = typeof accountLinks.$inferSelect
export type NewLink = Omit<typeof accountLinks.$inferInsert, 'id' | 'createdAt'>
export type Invitation = LinkRow & { readonly role: NonNullable<LinkRow['role']> }

const openInvitation = (hash: Buffer) => and(eq(accountLinks.hash, hash), isNotNull(accountLinks.role), gt(accountLinks.expiresAt, sql`now()`))

export async function createLink (db: Querying, link: NewLink): Promise<LinkRow> {
  const [row] = await db.insert(accountLinks).values(link).returning()
  if (row === undefined) throw new Error('an inserted link was not returned')
  return row
}

export async function isInvitation (db: Querying, hash: Buffer): Promise<boolean> {
  const [row] = await db.select({ id: accountLinks.id }).from(accountLinks).where(openInvitation(hash))
  return row !== undefined
}

/** Undefined for one that was used, has expired or never was. Within a transaction that fails it stays as it was. */
export async function takeInvitation (db: Querying, hash: Buffer): Promise<Invitation | undefined> {
  const [row] = await db.delete(accountLinks).where(openInvitation(hash)).returning()
  return row?.role == null ? undefined : { ...row, role: row.role }
}

/** The role of the newest invitation for somebody who has shown that the email is theirs. */
export async function findInvitedRole (db: Querying, email: string): Promise<UserRole | undefined> {
  const [row] = await db.select({ role: accountLinks.role }).from(accountLinks)
    .where(and(eq(accountLinks.email, email), gt(accountLinks.expiresAt, sql`now()`)))
    .orderBy(...newestFirst(accountLinks))
    .limit(1)
  return row?.role ?? undefined
}

export async function deleteInvitationsFor (db: Querying, email: string): Promise<void> {
  await db.delete(accountLinks).where(eq(accountLinks.email, email))
}

export interface Reset {
  readonly userId: string
  /** To the account's own address. */
  readonly isMailed: boolean
}

/** Whose password the link sets. */
export async function findReset (db: Querying, hash: Buffer): Promise<Reset | undefined> {
  const [row] = await db.select({ userId: accountLinks.userId, createdBy: accountLinks.createdBy }).from(accountLinks)
    .where(and(eq(accountLinks.hash, hash), isNotNull(accountLinks.userId), gt(accountLinks.expiresAt, sql`now()`)))
  return row?.userId == null ? undefined : { userId: row.userId, isMailed: row.createdBy === null }
}

/** The same, once. Whatever other links there are for it are worth nothing from then on. */
export async function takeReset (db: Querying, hash: Buffer): Promise<string | undefined> {
  const reset = await findReset(db, hash)
  if (reset === undefined) return undefined
  const taken = await db.delete(accountLinks).where(eq(accountLinks.userId, reset.userId)).returning({ hash: accountLinks.hash })
  return taken.some((other) => other.hash.equals(hash)) ? reset.userId : undefined
}

export async function deleteResets (db: Querying, userId: string): Promise<void> {
  await db.delete(accountLinks).where(eq(accountLinks.userId, userId))
}

/** The newest first. */
export async function listInvitations (db: Querying, { limit, cursor }: { limit: number, cursor: Cursor | undefined }): Promise<LinkRow[]> {
  return await db.select().from(accountLinks)
    .where(pageAfter(accountLinks, cursor, sql`${accountLinks.userId} is null and ${accountLinks.expiresAt} > now()`))
    .orderBy(...newestFirst(accountLinks))
    .limit(limit)
}

export async function deleteInvitation (db: Querying, id: string): Promise<boolean> {
  return (await db.delete(accountLinks).where(and(eq(accountLinks.id, id), isNull(accountLinks.userId))).returning({ id: accountLinks.id })).length > 0
}

export async function deleteExpiredLinks (db: Querying, now: Date): Promise<void> {
  await db.delete(accountLinks).where(lt(accountLinks.expiresAt, now))
}
