import { and, count, eq, gt, isNull, lte, or, sql, type SQL } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { projectInvitations } from '../../db/schema/project-invitations.ts'
import { projects } from '../../db/schema/projects.ts'
import { users } from '../../db/schema/users.ts'
import { errors } from '../../errors.ts'
import { lockProject, person, type Person } from './repo.ts'

export type InvitationRow = typeof projectInvitations.$inferSelect
export type NewInvitation = Pick<InvitationRow, 'projectId' | 'role' | 'expiresAt'> & Partial<Pick<InvitationRow, 'hash' | 'email' | 'userId' | 'maxUses'>>

export interface ReceivedInvitation extends InvitationRow {
  readonly project: { readonly id: string, readonly name: string }
  readonly owner: Person
}

/** Which one: whoever has the token of a link, or is the account that was invited. */
export type Presented = { readonly hash: Buffer } | { readonly id: string, readonly userId: string }

interface Page {
  readonly limit: number
  readonly cursor: Cursor | undefined
}

const { id, projectId, hash, email, userId, uses, maxUses, expiresAt } = projectInvitations
const isOpen = sql`${expiresAt} > now() and (${maxUses} is null or ${uses} < ${maxUses})`

/** In place of the one that there is for the same email. Those that have expired go first. Undefined where the project has so many already. */
export async function createInvitation (transaction: Querying, invitation: NewInvitation, most: number): Promise<InvitationRow | undefined> {
  if (!await lockProject(transaction, invitation.projectId)) throw new errors.PROJECT_NOT_FOUND()
  const isOfProject = eq(projectId, invitation.projectId)
  const isReplaced = invitation.email == null ? undefined : eq(email, invitation.email)
  await transaction.delete(projectInvitations).where(and(isOfProject, or(lte(expiresAt, sql`now()`), isReplaced)))
  const [sum] = await transaction.select({ count: count() }).from(projectInvitations).where(isOfProject)
  if (sum === undefined || sum.count >= most) return undefined
  const [row] = await transaction.insert(projectInvitations).values(invitation).returning()
  return row
}

/** The newest first. */
export async function listInvitations (db: Querying, ofProject: string, { limit, cursor }: Page): Promise<InvitationRow[]> {
  return await db.select().from(projectInvitations)
    .where(pageAfter(projectInvitations, cursor, sql`${projectId} = ${ofProject} and ${isOpen}`))
    .orderBy(...newestFirst(projectInvitations))
    .limit(limit)
}

/** Those that somebody was sent by email, the newest first. */
export async function listReceived (db: Querying, by: string, { limit, cursor }: Page): Promise<ReceivedInvitation[]> {
  const rows = await db.select({ invitation: projectInvitations, project: { id: projects.id, name: projects.name }, owner: person })
    .from(projectInvitations)
    .innerJoin(projects, and(eq(projects.id, projectId), isNull(projects.deletedAt)))
    .innerJoin(users, eq(users.id, projects.userId))
    .where(pageAfter(projectInvitations, cursor, sql`${userId} = ${by} and ${isOpen}`))
    .orderBy(...newestFirst(projectInvitations))
    .limit(limit)
  return rows.map(({ invitation, ...about }) => ({ ...invitation, ...about }))
}

/** With its project locked: of two who have its last use, or want the last place, one gets it. */
export async function takeInvitation (transaction: Querying, presented: Presented): Promise<InvitationRow | undefined> {
  const isPresented: SQL | undefined = 'hash' in presented ? eq(hash, presented.hash) : and(eq(id, presented.id), eq(userId, presented.userId))
  const [found] = await transaction.select({ projectId }).from(projectInvitations).where(isPresented)
  if (found === undefined || !await lockProject(transaction, found.projectId)) return undefined
  const [row] = await transaction.select().from(projectInvitations).where(and(isPresented, isOpen))
  return row
}

/** A link counts it, another invitation is over. */
export async function useInvitation (transaction: Querying, used: InvitationRow): Promise<void> {
  if (used.hash === null) await transaction.delete(projectInvitations).where(eq(id, used.id))
  else await transaction.update(projectInvitations).set({ uses: sql`${uses} + 1` }).where(eq(id, used.id))
}

/** False if there is no such one in the project, or for that user. */
export async function deleteInvitation (db: Querying, invitation: string, of: { projectId: string } | { userId: string }): Promise<boolean> {
  const isTheirs = 'projectId' in of ? eq(projectId, of.projectId) : and(eq(userId, of.userId), gt(expiresAt, sql`now()`))
  return (await db.delete(projectInvitations).where(and(eq(id, invitation), isTheirs)).returning({ id })).length > 0
}

/** The account that has the email now; the email of an account that is disabled counts as nobody's. */
export async function findAccount (db: Querying, wanted: string): Promise<string | undefined> {
  const [row] = await db.select({ id: users.id }).from(users).where(and(eq(users.email, wanted), isNull(users.disabledAt)))
  return row?.id
}
