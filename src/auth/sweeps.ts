import type { FastifyInstance } from 'fastify'
import { createLoop } from '../lib/loop.ts'
import { deleteExpiredSessions } from './accounts/repo.ts'
import { deleteOldAuditEvents } from './audit/repo.ts'
import { deleteExpiredLinks } from './links/repo.ts'

const INTERVAL_MS = 3_600_000
const DAY_MS = 86_400_000
/** About 5 GB with their indexes. Whoever wants to push an event out has to cause as many at RATE_LIMIT. */
const MOST_AUDIT_EVENTS = 10_000_000
const DELETE_BATCH = 1_000

/** Deletes what has expired, and what the audit log need not keep. */
export function createSweeps ({ db, log }: Pick<FastifyInstance, 'db' | 'log'>, { auditRetentionDays }: { auditRetentionDays: number }) {
  const purge = createLoop({
    intervalMs: INTERVAL_MS,
    onError: (err) => log.warn({ err }, 'expired sessions and links could not be deleted'),
    async work () {
      await deleteExpiredSessions(db, new Date())
      await deleteExpiredLinks(db, new Date())
    }
  })
  const retention = createLoop({
    intervalMs: INTERVAL_MS,
    onError: (err) => log.warn({ err }, 'old audit events could not be deleted'),
    async work (signal) {
      const before = new Date(Date.now() - auditRetentionDays * DAY_MS)
      let deleted: number
      do {
        deleted = await deleteOldAuditEvents(db, { before, most: MOST_AUDIT_EVENTS }, DELETE_BATCH)
      } while (deleted > 0 && !signal.aborted)
    }
  })
  return {
    start (): void {
      purge.start()
      retention.start()
    },
    async stop (): Promise<void> {
      await purge.stop()
      await retention.stop()
    }
  }
}
