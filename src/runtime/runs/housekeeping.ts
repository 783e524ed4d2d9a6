import type { Database } from '../../db/open.ts'
import { createLoop, type Loop } from '../../lib/loop.ts'
import type { Recorder } from './recorder.ts'
import { deleteOldSessions, endAbandoned, renewLeases, type Host } from './repo.ts'

const LEASE_ROUND_MS = 15_000
const RETENTION_ROUND_MS = 3_600_000
const DELETE_BATCH = 500
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

/** Deletes sessions that are too old, in batches that hold no lock for long. */
export function createRetentionLoop ({ db, retentionDays, log, now = Date.now }: {
  db: Database
  retentionDays: number
  log: HousekeepingLog
  now?: () => number
}): Loop {
  return createLoop({
    intervalMs: RETENTION_ROUND_MS,
    onError: (err) => log.warn({ err }, 'old sessions could not be deleted'),
    async work (signal) {
      const before = new Date(now() - retentionDays * DAY_MS)
      let deleted: number
      do {
        deleted = await deleteOldSessions(db, before, DELETE_BATCH)
      } while (deleted === DELETE_BATCH && !signal.aborted)
    }
  })
}
