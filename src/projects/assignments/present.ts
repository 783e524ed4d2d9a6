import type { CopyRow, CountedAssignment, OwnCopyRow } from './repo.ts'
import type { Assignment, Copy, OwnCopy } from './schemas.ts'

export function presentAssignment ({ id, name, runtime, copies, createdAt, dueAt, closedAt }: CountedAssignment): Assignment {
  return { id, name, runtime, copies, createdAt: createdAt.toISOString(), dueAt: dueAt?.toISOString() ?? null, closedAt: closedAt?.toISOString() ?? null }
}

export function presentCopy ({ project: { id, name, status, createdAt, lastActiveAt }, owner, snapshotAt }: CopyRow): Copy {
  return {
    project: { id, name, status, createdAt: createdAt.toISOString(), lastActiveAt: lastActiveAt.toISOString() },
    owner,
    snapshotAt: snapshotAt?.toISOString() ?? null
  }
}

export function presentOwnCopy ({ project, name, dueAt, closedAt }: OwnCopyRow): OwnCopy {
  return { project, name, dueAt: dueAt?.toISOString() ?? null, closedAt: closedAt?.toISOString() ?? null }
}
