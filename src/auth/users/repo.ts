import { and, count, eq, exists, ilike, isNull, or, sql } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { apiKeys, sshKeys, users } from '../../db/schema/index.ts'
import { projectMembers } from '../../db/schema/project-members.ts'
import { projects } from '../../db/schema/projects.ts'
import type { UserRow } from '../accounts/repo.ts'
import type { CredentialId } from '../principal.ts'

/** The newest first. `search` is in the email or the name, as it is written there. */
export async function listUsers (db: Querying, { search, limit, cursor }: { search: string | undefined, limit: number, cursor: Cursor | undefined }): Promise<UserRow[]> {
  const pattern = `%${search?.replace(/[\\%_]/g, '\\$&') ?? ''}%`
  const isFound = search === undefined ? sql`true` : or(ilike(users.email, pattern), ilike(users.name, pattern)) ?? sql`true`
  return await db.select().from(users).where(pageAfter(users, cursor, isFound)).orderBy(...newestFirst(users)).limit(limit)
}

/** Locks the administrators, so that two of them cannot each take the other's place away. */
export async function hasOtherAdmin (db: Querying, id: string): Promise<boolean> {
  const admins = await db.select({ id: users.id }).from(users)
    .where(and(eq(users.role, 'admin'), isNull(users.disabledAt)))
    .orderBy(users.id)
    .for('update')
  return admins.some((admin) => admin.id !== id)
}

/** Those that somebody comes in by without a browser. */
export async function keysOf (db: Querying, userId: string): Promise<CredentialId[]> {
  const keys = await db.select({ id: apiKeys.id }).from(apiKeys).where(eq(apiKeys.userId, userId))
  const ssh = await db.select({ id: sshKeys.id }).from(sshKeys).where(eq(sshKeys.userId, userId))
  return [...keys.map(({ id }) => `key:${id}` as const), ...ssh.map(({ id }) => `ssh:${id}` as const)]
}

/** Their projects in which others work. */
export async function countShared (db: Querying, userId: string): Promise<number> {
  const isShared = exists(db.select().from(projectMembers).where(eq(projectMembers.projectId, projects.id)))
  const [row] = await db.select({ shared: count() }).from(projects).where(and(eq(projects.userId, userId), isNull(projects.deletedAt), isShared))
  return row?.shared ?? 0
}

export async function deleteUser (db: Querying, id: string): Promise<void> {
  await db.delete(users).where(eq(users.id, id))
}
