import type { SnapshotKind } from '../../db/schema/snapshots.ts'

/** Which of a project's snapshots, given the newest first, have had their day: automatic ones beyond the newest `keep`. */
export function planRetention (snapshots: ReadonlyArray<{ readonly id: string, readonly kind: SnapshotKind }>, keep: number): string[] {
  return snapshots.filter(({ kind }) => kind === 'automatic').slice(keep).map(({ id }) => id)
}
