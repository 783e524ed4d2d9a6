import type { CopyRow, CountedAssignment } from './repo.ts'
import type { Assignment, Copy } from './schemas.ts'

export function presentAssignment ({ id, name, runtime, copies, createdAt, closedAt }: CountedAssignment): Assignment {
  return { id, name, runtime, copies, createdAt: createdAt.toISOString(), closedAt: closedAt?.toISOString() ?? null }
}

export function presentCopy ({ project: { id, name, status, createdAt, lastActiveAt }, owner, snapshotAt }: CopyRow): Copy {
  return {
    project: { id, name, status, createdAt: createdAt.toISOString(), lastActiveAt: lastActiveAt.toISOString() },
    owner,
    snapshotAt: snapshotAt?.toISOString() ?? null
  }
}
