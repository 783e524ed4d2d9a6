import { and, count, eq, isNotNull, isNull } from 'drizzle-orm'
import type { Registry } from 'prom-client'
import type { Database } from '../db/open.ts'
import { projectVolumes } from '../db/schema/project-volumes.ts'
import { projectStatuses, projects } from '../db/schema/projects.ts'
import { readGauge } from '../lib/read-gauge.ts'

/** What an operator wants to see coming. All servers on the database tell the same. */
export function openProjectMetrics (registry: Registry, db: Database): void {
  readGauge(registry, {
    name: 'projects',
    help: 'Projects',
    labels: ['status'],
    async read () {
      const rows = await db.select({ status: projects.status, projects: count() }).from(projects).where(isNull(projects.deletedAt)).groupBy(projects.status)
      return projectStatuses.map((status) => [{ status }, rows.find((row) => row.status === status)?.projects ?? 0])
    }
  })
  readGauge(registry, {
    name: 'projects_unsaved',
    help: 'Projects whose last automatic snapshot has failed',
    async read () {
      const [row] = await db.select({ projects: count() })
        .from(projectVolumes)
        .innerJoin(projects, eq(projects.id, projectVolumes.projectId))
        .where(and(isNotNull(projectVolumes.snapshotError), isNull(projects.deletedAt)))
      return [[{}, row?.projects ?? 0]]
    }
  })
}
