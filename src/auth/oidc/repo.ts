import { and, eq, getTableColumns } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { userIdentities, users } from '../../db/schema/index.ts'
import type { UserRow } from '../accounts/repo.ts'

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

export async function createIdentity (db: Querying, userId: string, { issuer, subject }: Identity): Promise<void> {
  await db.insert(userIdentities).values({ userId, issuer, subject })
}
