import type { Database } from '../../db/open.ts'
import { createLoop, type Loop } from '../../lib/loop.ts'
import { fairLevel } from './history-budget.ts'
import type { Recorder } from './recorder.ts'
import { deleteOldSessions, endAbandoned, findCutoff, measureUsers, renewLeases, type Host } from './repo.ts'

const LEASE_ROUND_MS = 15_000
const RETENTION_ROUND_MS = 60_000
const DELETE_BATCH = 500
/** Of the budget: how much is written before all is measured again, and how much is kept where it was too much. */
const MEASURE_SHARE = 0.05
const KEPT_SHARE = 0.9
const DAY_MS = 86_400_000
const ABANDONED = 'The server that ran it has ended without finishing it'

export interface HousekeepingLog {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
}

/** Keeps the leases of what runs here, and ends what nobody runs any more. */
export function createLeaseLoop ({ db, host, recorder, log }: { db: Database, host: Host, recorder: Recorder, log: HousekeepingLog }): Loop {
  return createLoop({
    intervalMs: LEASE_ROUND_MS,
    onError: (err) => log.warn({ err }, 'leases of sessions could not be renewed'),
    async work () {
      // Ours first: one round may have been late for a database that was away.
      await renewLeases(db, recorder.unfinished())
      const sessionIds = await endAbandoned(db, host, ABANDONED)
      if (sessionIds.length > 0) log.info({ sessionIds }, 'sessions of a server that is gone have been ended')
    }
  })
}

/**
 * Deletes sessions that are too old, and of whoever has most the oldest when all together take more than the database is to
 * have of them. In batches that hold no lock for long.
 */
export function createRetentionLoop ({ db, retentionDays, budgetBytes, writtenBytes, log, now = Date.now }: {
  db: Database
  retentionDays: number
  budgetBytes: number
  /** Counts up; what others on the database write is seen when something of ours has been written. */
  writtenBytes: () => number
  log: HousekeepingLog
  now?: () => number
}): Loop {
  let measuredAt = -Infinity

  async function deleteUntil (until: Date, signal: AbortSignal, userId?: string): Promise<void> {
    let deleted: number
    do {
      deleted = await deleteOldSessions(db, until, DELETE_BATCH, userId)
    } while (deleted === DELETE_BATCH && !signal.aborted)
  }

  async function keepToBudget (signal: AbortSignal): Promise<void> {
    // All rows are read, so not for a few new ones.
    if (writtenBytes() - measuredAt < budgetBytes * MEASURE_SHARE) return
    measuredAt = writtenBytes()
    const users = await measureUsers(db)
    if (users.reduce((sum, { bytes }) => sum + bytes, 0) <= budgetBytes) return
    const level = fairLevel(users.map(({ bytes }) => bytes), budgetBytes * KEPT_SHARE)
    for (const { userId } of users.filter(({ bytes }) => bytes > level)) {
      const cutoff = await findCutoff(db, userId, level)
      if (cutoff !== undefined) await deleteUntil(cutoff, signal, userId)
    }
    log.warn({ budgetBytes }, 'recorded sessions took more than SESSION_HISTORY_SIZE, and the oldest of those who have most were deleted')
  }

  return createLoop({
    intervalMs: RETENTION_ROUND_MS,
    onError: (err) => log.warn({ err }, 'old sessions could not be deleted'),
    async work (signal) {
      await deleteUntil(new Date(now() - retentionDays * DAY_MS), signal)
      await keepToBudget(signal)
    }
  })
}
