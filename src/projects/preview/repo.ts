import { and, eq, isNull } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { containerInstances } from '../../db/schema/container-instances.ts'
import { projects, type PreviewAudience, type ProjectStatus } from '../../db/schema/projects.ts'

export interface PreviewedProject {
  readonly userId: string
  readonly audience: PreviewAudience
  readonly status: ProjectStatus
  readonly error: string | null
  readonly containerId: string | null
  /** Where the preview port is published on the loopback of the Engine's host. */
  readonly hostPort: number | null
}

/** The project as whoever looks at it needs it, whoever owns it. Asked with every request, so that no change is missed. */
export function createPreviewRepo (db: Database) {
  return async (projectId: string): Promise<PreviewedProject | undefined> => {
    const [row] = await db
      .select({
        userId: projects.userId,
        audience: projects.previews,
        status: projects.status,
        error: projects.error,
        containerId: containerInstances.containerId,
        hostPort: containerInstances.previewHostPort
      })
      .from(projects)
      .leftJoin(containerInstances, eq(containerInstances.projectId, projects.id))
      .where(and(eq(projects.id, projectId), isNull(projects.deletedAt)))
    return row
  }
}
