import { and, count, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { assignmentCopies } from '../../db/schema/assignments.ts'
import { projectGitCredentials } from '../../db/schema/project-git-credentials.ts'
import { projectMembers } from '../../db/schema/project-members.ts'
import { projectVariables } from '../../db/schema/project-variables.ts'
import { projects } from '../../db/schema/projects.ts'
import { snapshots } from '../../db/schema/snapshots.ts'
import { users } from '../../db/schema/users.ts'
import { person, type Person } from '../members/repo.ts'

export interface Offer {
  readonly user: Person
  readonly since: Date
}

export async function findOffer (db: Querying, projectId: string): Promise<Offer | undefined> {
  const [row] = await db.select({ user: person, since: sql<Date>`${projectMembers.offeredAt}`.mapWith(projectMembers.offeredAt) })
    .from(projectMembers)
    .innerJoin(users, eq(users.id, projectMembers.userId))
    .where(and(eq(projectMembers.projectId, projectId), isNotNull(projectMembers.offeredAt)))
  return row
}

/** Of whomever it was offered to before. False if there was no offer, or none to that user. */
export async function deleteOffer (db: Querying, projectId: string, userId?: string): Promise<boolean> {
  const condition = and(eq(projectMembers.projectId, projectId), isNotNull(projectMembers.offeredAt), userId === undefined ? undefined : eq(projectMembers.userId, userId))
  return (await db.update(projectMembers).set({ offeredAt: null }).where(condition).returning({ userId: projectMembers.userId })).length > 0
}

/** False if there is no such member. */
export async function putOffer (db: Querying, projectId: string, userId: string): Promise<boolean> {
  const rows = await db.update(projectMembers).set({ offeredAt: sql`now()` })
    .where(and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId)))
    .returning({ userId: projectMembers.userId })
  return rows.length > 0
}

export async function isCopy (db: Querying, projectId: string): Promise<boolean> {
  return (await db.select({ projectId: assignmentCopies.projectId }).from(assignmentCopies).where(eq(assignmentCopies.projectId, projectId))).length > 0
}

/** Somebody who may come to own one more: undefined for who is not there or may not come in. Nobody else gives them one meanwhile. */
export async function lockUser (transaction: Querying, userId: string): Promise<{ readonly most: number | null, readonly owned: number } | undefined> {
  const [user] = await transaction.select({ most: users.projectsMost }).from(users).where(and(eq(users.id, userId), isNull(users.disabledAt))).for('update')
  if (user === undefined) return undefined
  const [row] = await transaction.select({ owned: count() }).from(projects).where(and(eq(projects.userId, userId), isNull(projects.deletedAt)))
  return { most: user.most, owned: row?.owned ?? 0 }
}

/** As nobody changes it meanwhile, its container neither. */
export async function lockStopped (transaction: Querying, projectId: string): Promise<{ readonly owner: string, readonly isAtRest: boolean } | undefined> {
  const [row] = await transaction.select({ owner: projects.userId, isAtRest: sql<boolean>`${projects.status} in ('stopped', 'error') and ${projects.operation} is null` })
    .from(projects)
    .where(and(eq(projects.id, projectId), isNull(projects.deletedAt)))
    .for('update')
  return row
}

/** Whoever has owned it stays as an editor. */
export async function changeOwner (transaction: Querying, projectId: string, from: string, to: string): Promise<void> {
  await transaction.update(projects).set({ userId: to, updatedAt: sql`now()` }).where(eq(projects.id, projectId))
  await transaction.delete(projectMembers).where(and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, to)))
  await deleteOffer(transaction, projectId)
  await transaction.insert(projectMembers).values({ projectId, userId: from, role: 'editor' }).onConflictDoNothing()
}

/** What only its owner has put into it, and may not have meant for others. */
export async function deleteSecrets (transaction: Querying, projectId: string): Promise<void> {
  await transaction.delete(projectVariables).where(and(eq(projectVariables.projectId, projectId), projectVariables.isSecret))
  await transaction.delete(projectGitCredentials).where(eq(projectGitCredentials.projectId, projectId))
}

/** Of its snapshots, as they are stored. */
export async function snapshotBytesOf (db: Querying, projectId: string): Promise<number> {
  const [row] = await db.select({ bytes: sql<number>`coalesce(sum(${snapshots.size}), 0)`.mapWith(Number) }).from(snapshots).where(eq(snapshots.projectId, projectId))
  return row?.bytes ?? 0
}
