import type { SnapshotKind } from '../../../db/schema/snapshots.ts'

export interface RetainedSnapshot {
  readonly id: string
  readonly kind: SnapshotKind
  readonly createdAt: Date
}

const NEWEST = 3
const HOURS = 6
const DAYS = 7

/**
 * Which of a project's snapshots, given the newest first, have had their day. Automatic ones are kept in steps: the newest
 * three, the first of each of the last six hours that have any, the last of each of the last seven days that have any. Of
 * an hour the first stays, so that however many of a broken state are taken in it, one from before is kept.
 */
export function planRetention (snapshots: readonly RetainedSnapshot[]): string[] {
  const automatic = snapshots.filter(({ kind }) => kind === 'automatic')
  const kept = new Set([
    ...automatic.slice(0, NEWEST),
    ...oneOfEach(automatic, 'yyyy-mm-ddThh'.length, HOURS, 'first'),
    ...oneOfEach(automatic, 'yyyy-mm-dd'.length, DAYS, 'last')
  ])
  return automatic.filter((snapshot) => !kept.has(snapshot)).map(({ id }) => id)
}

/** Of each of the newest periods, which are as many letters of an ISO time, the first or the last. */
function oneOfEach (snapshots: readonly RetainedSnapshot[], letters: number, periods: number, which: 'first' | 'last'): RetainedSnapshot[] {
  const found = new Map<string, RetainedSnapshot>()
  for (const snapshot of snapshots) {
    const period = snapshot.createdAt.toISOString().slice(0, letters)
    if (!found.has(period) && found.size === periods) break
    if (which === 'first' || !found.has(period)) found.set(period, snapshot)
  }
  return [...found.values()]
}
