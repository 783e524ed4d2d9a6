import { asc, eq, sql } from 'drizzle-orm'
import type { Database, Querying } from '../db/open.ts'
import { apiKeys, users } from '../db/schema/index.ts'
import { hashApiKey, prefixOf } from './api-key.ts'
import type { CredentialId } from './principal.ts'

// Servers that start at once take turns: the ASCII codes of "first".
const BOOTSTRAP_LOCK = 0x66_69_72_73_74

/**
 * Makes sure that there is a first user, an administrator, and that the predefined key is theirs, so that a script can
 * begin before anybody has signed up. A key that
 * the server was given before is replaced, and dead.
 */
export async function bootstrap (db: Database, predefinedKey: string, announce: (tx: Querying, credential: CredentialId) => Promise<void>): Promise<void> {
  const hash = hashApiKey(predefinedKey)
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(BOOTSTRAP_LOCK))})`)
    const userId = await findAdmin(tx) ?? await createFirstUser(tx)
    const [current] = await tx.select().from(apiKeys).where(eq(apiKeys.isPredefined, true))
    if (current?.hash.equals(hash) === true) return
    if (current !== undefined) {
      await tx.delete(apiKeys).where(eq(apiKeys.id, current.id))
      await announce(tx, `key:${current.id}`)
    }
    await tx.insert(apiKeys)
      .values({ userId, name: 'predefined', hash, prefix: prefixOf(predefinedKey), isPredefined: true })
      // Somebody's own key, made the predefined one.
      .onConflictDoUpdate({ target: apiKeys.hash, set: { userId, isPredefined: true, expiresAt: null } })
  })
}

async function findAdmin (db: Querying): Promise<string | undefined> {
  const [admin] = await db.select({ id: users.id }).from(users).where(eq(users.role, 'admin')).orderBy(asc(users.createdAt), asc(users.id)).limit(1)
  return admin?.id
}

async function createFirstUser (db: Querying): Promise<string> {
  const [user] = await db.insert(users).values({ role: 'admin' }).returning({ id: users.id })
  if (user === undefined) throw new Error('an inserted user was not returned')
  return user.id
}
