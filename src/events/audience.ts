import { eq, sql } from 'drizzle-orm'
import type { Querying } from '../db/open.ts'
import { assignmentCopies, assignments } from '../db/schema/assignments.ts'
import { projectMembers } from '../db/schema/project-members.ts'
import type { PublishedEvent } from './event.ts'

/** Who may see it; administrators see everything that they ask for. */
export type FindAudience = (event: PublishedEvent) => Promise<ReadonlySet<string>>

/** The one place that says who has a part in a project, for events. */
export function createFindAudience (db: Querying): FindAudience {
  const projectId = sql.placeholder('projectId')
  const others = db.select({ userId: projectMembers.userId }).from(projectMembers).where(eq(projectMembers.projectId, projectId))
    .unionAll(db.select({ userId: assignments.teacherId }).from(assignmentCopies)
      .innerJoin(assignments, eq(assignments.id, assignmentCopies.assignmentId))
      .where(eq(assignmentCopies.projectId, projectId)))
    .prepare('event_audience')

  return async ({ project }) => {
    if (project === undefined) return new Set()
    return new Set([project.owner, ...(await others.execute({ projectId: project.id })).map(({ userId }) => userId)])
  }
}
