import { and, eq, isNull, lt, ne, sql } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { authSessions, users, type UserRole } from '../../db/schema/index.ts'

export type UserRow = typeof users.$inferSelect
export type SessionRow = typeof authSessions.$inferSelect

export interface Claim {
  readonly email: string
  /** Null for who signs in by a provider. */
  readonly passwordHash: string | null
  readonly name: string | null
  readonly emailVerifiedAt?: Date
}

export async function findUser (db: Querying, id: string): Promise<UserRow | undefined> {
  const [user] = await db.select().from(users).where(eq(users.id, id))
  return user
}

export async function findUserByEmail (db: Querying, email: string): Promise<UserRow | undefined> {
  const [user] = await db.select().from(users).where(eq(users.email, email))
  return user
}

export async function createUser (db: Querying, claim: Claim, role: UserRole): Promise<UserRow> {
  const [user] = await db.insert(users).values({ ...claim, role }).returning()
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

export async function changeUser (db: Querying, id: string, changes: Partial<Pick<UserRow, 'name' | 'role' | 'disabledAt' | 'projectsMost' | 'projectsRunningMost' | 'snapshotBytesMost'>>): Promise<UserRow | undefined> {
  const [user] = await db.update(users).set(changes).where(eq(users.id, id)).returning()
  return user
}

/** Before, anybody may have signed up with it. */
export async function verifyEmail (db: Querying, id: string): Promise<void> {
  await db.update(users).set({ emailVerifiedAt: sql`now()` }).where(and(eq(users.id, id), isNull(users.emailVerifiedAt)))
}

/** False if it is another one by now. */
export async function changePassword (db: Querying, { id, passwordHash: was }: Pick<UserRow, 'id' | 'passwordHash'>, passwordHash: string): Promise<boolean> {
  const changed = await db.update(users).set({ passwordHash }).where(and(eq(users.id, id), sql`${users.passwordHash} is not distinct from ${was}`)).returning({ id: users.id })
  return changed.length > 0
}

export async function createSession (db: Querying, session: Pick<SessionRow, 'userId' | 'expiresAt' | 'ip' | 'userAgent'>): Promise<SessionRow> {
  const [row] = await db.insert(authSessions).values(session).returning()
  if (row === undefined) throw new Error('an inserted session was not returned')
  return row
}

export async function findSession (db: Querying, id: string): Promise<SessionRow | undefined> {
  const [row] = await db.select().from(authSessions).where(eq(authSessions.id, id))
  return row
}

/** The newest first; those that have expired are gone. */
export async function listSessions (db: Querying, userId: string, { limit, cursor }: { limit: number, cursor: Cursor | undefined }): Promise<SessionRow[]> {
  return await db.select().from(authSessions)
    .where(pageAfter(authSessions, cursor, sql`${authSessions.userId} = ${userId} and ${authSessions.expiresAt} > now()`))
    .orderBy(...newestFirst(authSessions))
    .limit(limit)
}

/** Returns their ids. */
export async function deleteSessions (db: Querying, userId: string, which: { id: string } | { butNot: string | undefined }): Promise<string[]> {
  const { id } = authSessions
  const one = 'id' in which ? eq(id, which.id) : which.butNot === undefined ? undefined : ne(id, which.butNot)
  return (await db.delete(authSessions).where(and(eq(authSessions.userId, userId), one)).returning({ id })).map((row) => row.id)
}

export async function deleteExpiredSessions (db: Querying, now: Date): Promise<void> {
  await db.delete(authSessions).where(lt(authSessions.expiresAt, now))
}
