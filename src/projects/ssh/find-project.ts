import { and, eq, inArray, isNull } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { assignmentCopies, assignments, projectMembers, projects } from '../../db/schema/index.ts'
import { isUuid } from '../../lib/uuid.ts'
import { roleIn } from '../core/roles.ts'

/** The id of the project that somebody means: by it, or by a name that only one of those has that they have a part in. Undefined for none, or several. */
export async function findProjectId (db: Database, userId: string, name: string): Promise<string | undefined> {
  if (isUuid(name)) return name
  // Each by its index, and not through the projects of everybody.
  const own = db.select({ id: projects.id }).from(projects).where(eq(projects.userId, userId))
  const shared = db.select({ id: projectMembers.projectId }).from(projectMembers).where(eq(projectMembers.userId, userId))
  const copies = db.select({ id: assignmentCopies.projectId }).from(assignmentCopies)
    .innerJoin(assignments, eq(assignments.id, assignmentCopies.assignmentId)).where(eq(assignments.teacherId, userId))
  const found = await db.select({ id: projects.id, role: roleIn(userId) }).from(projects)
    .where(and(inArray(projects.id, own.unionAll(shared).unionAll(copies)), eq(projects.name, name), isNull(projects.deletedAt)))
  const [first, ...others] = found.filter(({ role }) => role !== null)
  return others.length === 0 ? first?.id : undefined
}
