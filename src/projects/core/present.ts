import type { Source } from './source/source.ts'
import type { ProjectRow } from './repo.ts'
import type { Project } from './schemas.ts'

export function presentProject (row: ProjectRow, source: Source | undefined): Project {
  const { id, name, runtime, status, error, previews, network, createdAt, updatedAt, lastActiveAt } = row
  return {
    id,
    name,
    runtime,
    status,
    error,
    previews,
    network,
    source: source ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    lastActiveAt: lastActiveAt.toISOString()
  }
}
