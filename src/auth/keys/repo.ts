import { and, eq, sql } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { apiKeys } from '../../db/schema/index.ts'

export type KeyRow = typeof apiKeys.$inferSelect

export async function createKey (db: Querying, key: typeof apiKeys.$inferInsert): Promise<KeyRow> {
  const [row] = await db.insert(apiKeys).values(key).returning()
  if (row === undefined) throw new Error('an inserted key was not returned')
  return row
}

export async function findKey (db: Querying, userId: string, id: string): Promise<KeyRow | undefined> {
  const [row] = await db.select().from(apiKeys).where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId)))
  return row
}

export async function listKeys (db: Querying, userId: string, { limit, cursor }: { limit: number, cursor: Cursor | undefined }): Promise<KeyRow[]> {
  return await db.select().from(apiKeys)
    .where(pageAfter(apiKeys, cursor, eq(apiKeys.userId, userId)))
    .orderBy(...newestFirst(apiKeys))
    .limit(limit)
}

export async function deleteKey (db: Querying, id: string): Promise<void> {
  await db.delete(apiKeys).where(eq(apiKeys.id, id))
}

/** Never back: another server may have seen the key later than we did. */
export async function touchKeys (db: Querying, uses: ReadonlyMap<string, Date>): Promise<void> {
  const rows = [...uses].map(([id, usedAt]) => sql`(${id}::uuid, ${usedAt.toISOString()}::timestamptz)`)
  await db.execute(sql`
    update ${apiKeys} set last_used_at = greatest(${apiKeys.lastUsedAt}, used.at)
    from (values ${sql.join(rows, sql`, `)}) as used (id, at) where ${apiKeys.id} = used.id`)
}

/** All but the one that the server's environment gives. Returns their ids. */
export async function deleteOwnKeys (db: Querying, userId: string): Promise<string[]> {
  return (await db.delete(apiKeys).where(and(eq(apiKeys.userId, userId), eq(apiKeys.isPredefined, false))).returning({ id: apiKeys.id })).map(({ id }) => id)
}
