import { eq, isNull, and, sql, type Placeholder, type SQL } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { projects } from '../../db/schema/projects.ts'
import type { MemberRole } from '../../db/schema/project-members.ts'
import { errors } from '../../errors.ts'

export type ProjectRole = MemberRole | 'owner'

/** What is done with a project: looked at, worked in, or decided on. */
export type Access = 'view' | 'edit' | 'own'

const allowed: Readonly<Record<ProjectRole, readonly Access[]>> = {
  viewer: ['view'],
  editor: ['view', 'edit'],
  owner: ['view', 'edit', 'own']
}

export function may (role: ProjectRole | null, access: Access): boolean {
  return role !== null && allowed[role].includes(access)
}

/** Whether one may all that the other may. */
export function isAtLeast (role: ProjectRole, other: ProjectRole): boolean {
  return allowed[other].every((access) => may(role, access))
}

/** Those that may. */
export function rolesWith (access: Access): ProjectRole[] {
  return (Object.keys(allowed) as ProjectRole[]).filter((role) => may(role, access))
}

/** The one decision about who may do what. For whoever has no role in it, the project is as one that does not exist. */
export function checkRole (role: ProjectRole | null, access: Access): asserts role is ProjectRole {
  if (role === null) throw new errors.PROJECT_NOT_FOUND()
  if (!may(role, access)) throw access === 'own' ? new errors.OWNER_ONLY() : new errors.VIEW_ONLY()
}

/** Somebody's role in the project of the row, within a query on projects. A teacher works in the copies of their assignments. */
export function roleIn (userId: string | Placeholder): SQL<ProjectRole | null> {
  // Written out: a column alone would be taken for the other table's.
  return sql<ProjectRole | null>`case
    when projects.user_id = ${userId} then 'owner'
    when exists (
      select 1 from assignment_copies copy
      join assignments on assignments.id = copy.assignment_id
      join users teacher on teacher.id = assignments.teacher_id
      where copy.project_id = projects.id and teacher.id = ${userId} and teacher.role <> 'user') then 'editor'
    else (select member.role from project_members member where member.project_id = projects.id and member.user_id = ${userId})
    end`
}

/** Null also where there is no such project. */
export async function findRole (db: Querying, userId: string, projectId: string): Promise<ProjectRole | null> {
  const [row] = await db.select({ id: projects.id, role: roleIn(userId) }).from(projects).where(and(eq(projects.id, projectId), isNull(projects.deletedAt)))
  return row?.role ?? null
}
