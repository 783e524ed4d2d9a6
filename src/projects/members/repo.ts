import { and, asc, count, eq, isNull } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { projectMembers, type MemberRole } from '../../db/schema/project-members.ts'
import { projects } from '../../db/schema/projects.ts'
import { users } from '../../db/schema/users.ts'
import type { ProjectRole } from '../core/roles.ts'

export interface Person {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
}

export interface Member {
  readonly user: Person
  readonly role: ProjectRole
  readonly since: Date
}

export const person = { id: users.id, email: users.email, name: users.name }
const isMember = (projectId: string, userId: string) => and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId))

/** Without the owner; whoever has been there longest first. */
export async function listMembers (db: Querying, projectId: string): Promise<Member[]> {
  return await db.select({ user: person, role: projectMembers.role, since: projectMembers.createdAt })
    .from(projectMembers)
    .innerJoin(users, eq(users.id, projectMembers.userId))
    .where(eq(projectMembers.projectId, projectId))
    .orderBy(asc(projectMembers.createdAt), asc(projectMembers.userId))
}

export async function findOwner (db: Querying, projectId: string): Promise<Member | undefined> {
  const [row] = await db.select({ user: person, since: projects.createdAt }).from(projects).innerJoin(users, eq(users.id, projects.userId)).where(eq(projects.id, projectId))
  return row === undefined ? undefined : { ...row, role: 'owner' }
}

/** One at a time for each project, or two would both find the last place free. False if there is no such project. */
export async function lockProject (transaction: Querying, projectId: string): Promise<boolean> {
  return (await transaction.select({ id: projects.id }).from(projects).where(and(eq(projects.id, projectId), isNull(projects.deletedAt))).for('update')).length > 0
}

export async function countMembers (transaction: Querying, projectId: string): Promise<number> {
  const [row] = await transaction.select({ members: count() }).from(projectMembers).where(eq(projectMembers.projectId, projectId))
  return row?.members ?? 0
}

export async function putMember (db: Querying, projectId: string, userId: string, role: MemberRole): Promise<void> {
  await db.insert(projectMembers).values({ projectId, userId, role }).onConflictDoUpdate({ target: [projectMembers.projectId, projectMembers.userId], set: { role } })
}

/** False if there is no such member. */
export async function changeMember (db: Querying, projectId: string, userId: string, role: MemberRole): Promise<boolean> {
  return (await db.update(projectMembers).set({ role }).where(isMember(projectId, userId)).returning({ userId: projectMembers.userId })).length > 0
}

export async function deleteMember (db: Querying, projectId: string, userId: string): Promise<boolean> {
  return (await db.delete(projectMembers).where(isMember(projectId, userId)).returning({ userId: projectMembers.userId })).length > 0
}
