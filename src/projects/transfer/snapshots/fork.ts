import type { FoundProject } from '../../core/repo.ts'
import type { Project } from '../../core/schemas.ts'
import type { ProjectService } from '../../core/service.ts'
import type { SnapshotService } from './service.ts'

const LONGEST_NAME = 100

/** A new project of the same runtime that begins with what the other one holds now. Both go their own ways from there. */
export function createFork ({ projects, snapshots }: {
  projects: Pick<ProjectService, 'create' | 'checkQuota'>
  snapshots: Pick<SnapshotService, 'ensureCurrent'>
}) {
  return async (userId: string, source: FoundProject, name: string | undefined, signal: AbortSignal): Promise<Project> => {
    // A snapshot may take long, and would be for nothing.
    await projects.checkQuota(userId)
    const snapshot = await snapshots.ensureCurrent(source, signal)
    return await projects.create(userId, { name: name ?? `Fork of ${source.name}`.slice(0, LONGEST_NAME).trimEnd(), runtime: source.runtime, fromSnapshot: snapshot.id })
  }
}
