import { eq, isNull, lt } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { authSessions, users } from '../../db/schema/index.ts'

export type UserRow = typeof users.$inferSelect
export type SessionRow = typeof authSessions.$inferSelect

export interface Claim {
  readonly email: string
  readonly passwordHash: string
  readonly name: string | null
}

export async function findUser (db: Querying, id: string): Promise<UserRow | undefined> {
  const [user] = await db.select().from(users).where(eq(users.id, id))
  return user
}

export async function findUserByEmail (db: Querying, email: string): Promise<UserRow | undefined> {
  const [user] = await db.select().from(users).where(eq(users.email, email))
  return user
}

export async function createUser (db: Querying, claim: Claim): Promise<UserRow> {
  const [user] = await db.insert(users).values({ ...claim, role: 'user' }).returning()
  if (user === undefined) throw new Error('an inserted user was not returned')
  return user
}

/** Makes somebody the first user, who is there already and owns the predefined key. Undefined if somebody else has been. */
export async function claimFirstUser (db: Querying, claim: Claim): Promise<UserRow | undefined> {
  const [first] = await db.update(users).set(claim).where(isNull(users.email)).returning()
  return first
}

export async function isFirstUserUnclaimed (db: Querying): Promise<boolean> {
  const [first] = await db.select({ id: users.id }).from(users).where(isNull(users.email))
  return first !== undefined
}

export async function createSession (db: Querying, userId: string, expiresAt: Date): Promise<SessionRow> {
  const [session] = await db.insert(authSessions).values({ userId, expiresAt }).returning()
  if (session === undefined) throw new Error('an inserted session was not returned')
  return session
}

export async function deleteSession (db: Querying, id: string): Promise<void> {
  await db.delete(authSessions).where(eq(authSessions.id, id))
}

export async function deleteExpiredSessions (db: Querying, now: Date): Promise<void> {
  await db.delete(authSessions).where(lt(authSessions.expiresAt, now))
}
