import type { SnapshotRow } from './repo.ts'
import type { Snapshot } from './schemas.ts'

export function presentSnapshot ({ id, name, kind, size, baseObjectKey, files, leftOut, checksum, createdAt }: SnapshotRow): Snapshot {
  return { id, name, kind, size, differential: baseObjectKey !== null, files, leftOut, checksum: checksum?.toString('hex') ?? '', createdAt: createdAt.toISOString() }
}
