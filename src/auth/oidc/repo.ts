import { and, eq, getTableColumns } from 'drizzle-orm'
import type { Database, Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { userIdentities, users } from '../../db/schema/index.ts'
import type { UserRow } from '../accounts/repo.ts'

type IdentityRow = typeof userIdentities.$inferSelect
export type Identity = Pick<typeof userIdentities.$inferInsert, 'issuer' | 'subject'>

export async function findByIdentity (db: Querying, { issuer, subject }: Identity): Promise<UserRow | undefined> {
  const [user] = await db.select(getTableColumns(users)).from(userIdentities)
    .innerJoin(users, eq(users.id, userIdentities.userId))
    .where(and(eq(userIdentities.issuer, issuer), eq(userIdentities.subject, subject)))
  return user
}

export async function hasIdentityOf (db: Querying, userId: string, issuer: string): Promise<boolean> {
  const found = await db.select({ id: userIdentities.id }).from(userIdentities)
    .where(and(eq(userIdentities.userId, userId), eq(userIdentities.issuer, issuer)))
    .limit(1)
  return found.length > 0
}

/** The newest first. */
export async function listIdentities (db: Querying, userId: string, { limit, cursor }: { limit: number, cursor: Cursor | undefined }): Promise<IdentityRow[]> {
  return await db.select().from(userIdentities)
    .where(pageAfter(userIdentities, cursor, eq(userIdentities.userId, userId)))
    .orderBy(...newestFirst(userIdentities))
    .limit(limit)
}

/** Not where it is the last way into the account. */
export async function deleteIdentity (db: Database, userId: string, id: string): Promise<'deleted' | 'not found' | 'last'> {
  return await db.transaction(async (tx) => {
    // One at a time for each user, or two would each find the other's left.
    const [user] = await tx.select({ passwordHash: users.passwordHash }).from(users).where(eq(users.id, userId)).for('update')
    const all = await tx.select({ id: userIdentities.id }).from(userIdentities).where(eq(userIdentities.userId, userId))
    if (!all.some((identity) => identity.id === id)) return 'not found'
    if (user?.passwordHash == null && all.length === 1) return 'last'
    await tx.delete(userIdentities).where(eq(userIdentities.id, id))
    return 'deleted'
  })
}

export async function createIdentity (db: Querying, userId: string, { issuer, subject }: Identity): Promise<void> {
  await db.insert(userIdentities).values({ userId, issuer, subject })
}
