import type { Source } from './source/source.ts'
import type { ProjectRow } from './repo.ts'
import type { Project } from './schemas.ts'

/** Of a project that has not chosen. */
export interface Resources {
  readonly memoryBytes: number
  readonly cpus: number
}

export function presentProject (row: ProjectRow, source: Source | undefined, given: Resources): Omit<Project, 'role'> {
  const { id, name, runtime, status, error, previews, network, memoryBytes, cpus, createdAt, updatedAt, lastActiveAt } = row
  return {
    id,
    name,
    runtime,
    status,
    error,
    previews,
    network,
    memory: memoryBytes ?? given.memoryBytes,
    cpus: cpus ?? given.cpus,
    source: source ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    lastActiveAt: lastActiveAt.toISOString()
  }
}
