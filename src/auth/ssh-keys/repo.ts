import { and, count, eq, sql } from 'drizzle-orm'
import type { Database, Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { sshKeys, users } from '../../db/schema/index.ts'

export type SshKeyRow = typeof sshKeys.$inferSelect

/** Undefined where the user has `most` already. */
export async function createSshKey (db: Database, key: typeof sshKeys.$inferInsert, most: number): Promise<SshKeyRow | undefined> {
  return await db.transaction(async (tx) => {
    // One at a time for each user, or two would both find the last place free.
    await tx.select({ id: users.id }).from(users).where(eq(users.id, key.userId)).for('update')
    const [present] = await tx.select({ keys: count() }).from(sshKeys).where(eq(sshKeys.userId, key.userId))
    if ((present?.keys ?? 0) >= most) return undefined
    const [row] = await tx.insert(sshKeys).values(key).returning()
    return row
  })
}

export async function listSshKeys (db: Querying, userId: string, { limit, cursor }: { limit: number, cursor: Cursor | undefined }): Promise<SshKeyRow[]> {
  return await db.select().from(sshKeys)
    .where(pageAfter(sshKeys, cursor, eq(sshKeys.userId, userId)))
    .orderBy(...newestFirst(sshKeys))
    .limit(limit)
}

/** One of a user's, or all of them. Returns their ids. */
export async function deleteSshKeys (db: Querying, userId: string, id?: string): Promise<string[]> {
  return (await db.delete(sshKeys).where(and(eq(sshKeys.userId, userId), id === undefined ? undefined : eq(sshKeys.id, id))).returning({ id: sshKeys.id })).map((row) => row.id)
}

/** Never back, as with other keys. */
export async function touchSshKeys (db: Querying, uses: ReadonlyMap<string, Date>): Promise<void> {
  const rows = [...uses].map(([id, usedAt]) => sql`(${id}::uuid, ${usedAt.toISOString()}::timestamptz)`)
  await db.execute(sql`
    update ${sshKeys} set last_used_at = greatest(${sshKeys.lastUsedAt}, used.at)
    from (values ${sql.join(rows, sql`, `)}) as used (id, at) where ${sshKeys.id} = used.id`)
}
