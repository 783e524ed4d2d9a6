import type { Base, SnapshotRow } from './repo.ts'

/** Below it a difference saves nothing worth two objects. */
const LEAST_CONTENT_BYTES = 1024 * 1024
const LARGEST_PART = 0.3
const LONGEST_MS = 7 * 24 * 3_600_000

/** What the next snapshot may be the difference to, given the newest: until that differs too much, or is too old. */
export function chooseBase (newest: SnapshotRow | undefined, now: Date): Base | undefined {
  const base = newest === undefined ? undefined : baseOf(newest)
  if (newest === undefined || base === undefined) return undefined
  const isTooOld = now.getTime() - base.takenAt.getTime() > LONGEST_MS
  const isTooFar = newest.baseObjectKey !== null && newest.size > LARGEST_PART * base.size
  return isTooOld || isTooFar || !isWorthBase(base.contentBytes) ? undefined : base
}

/** Whether a full snapshot of so many bytes of files may become a base, and needs an index. */
export function isWorthBase (contentBytes: number): boolean {
  return contentBytes >= LEAST_CONTENT_BYTES
}

/** Of files that differ. */
export function largestDifference ({ contentBytes }: Base): number {
  return LARGEST_PART * contentBytes
}

function baseOf (row: SnapshotRow): Base | undefined {
  const { objectKey, size, checksum, createdAt: takenAt, contentBytes, baseObjectKey, baseSize, baseChecksum, baseTakenAt, baseContentBytes } = row
  if (baseObjectKey !== null && baseSize !== null && baseChecksum !== null && baseTakenAt !== null && baseContentBytes !== null) {
    return { objectKey: baseObjectKey, size: baseSize, checksum: baseChecksum, takenAt: baseTakenAt, contentBytes: baseContentBytes }
  }
  return checksum === null || contentBytes === null ? undefined : { objectKey, size, checksum, takenAt, contentBytes }
}
