import { errors } from '../../errors.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { Activity } from '../activity.ts'
import type { ProjectRepo } from '../repo.ts'
import type { ProjectStatusReport } from '../schemas.ts'
import type { Usage } from './usage.ts'

/** What a project is doing, from the database and, for a running one, the Engine. */
export function createStatusService ({ repo, activity, readUsage, previewPort, idleMs, now = Date.now }: {
  repo: ProjectRepo
  activity: Activity
  readUsage: (containerId: string, startedAt: Date) => Promise<Usage | null>
  previewPort: number
  idleMs: number
  now?: () => number
}) {
  return async (owner: string, id: string): Promise<ProjectStatusReport> => {
    const row = isUuid(id) ? await repo.findWithContainer(owner, id) : undefined
    if (row === undefined) throw new errors.PROJECT_NOT_FOUND()
    const { status, error, ...project } = row.project
    // What was done on this server in the last seconds is not in the database yet.
    const ageMs = activity.ageMs(row.project.id)
    const lastActiveMs = Math.max(project.lastActiveAt.getTime(), ageMs === undefined ? 0 : now() - ageMs)
    const lastActiveAt = new Date(lastActiveMs).toISOString()
    const container = status === 'running' ? row.container : null
    const hostPort = container?.previewHostPort ?? null
    return {
      status,
      error,
      containerId: container?.containerId ?? null,
      startedAt: container?.startedAt?.toISOString() ?? null,
      lastActiveAt,
      stopsAt: status === 'running' ? new Date(lastActiveMs + idleMs).toISOString() : null,
      preview: { port: previewPort, url: hostPort === null ? null : `http://127.0.0.1:${hostPort}/`, hostPort },
      ports: [],
      usage: container?.startedAt == null ? null : await readUsage(container.containerId, container.startedAt)
    }
  }
}
export type StatusService = ReturnType<typeof createStatusService>
