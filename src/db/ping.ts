import { sql } from 'drizzle-orm'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './open.ts'

/** Resolves when the database answers; rejects after the deadline in any case, also when a query hangs. */
export async function pingDatabase (db: Database, deadlineMs: number): Promise<void> {
  const answered = new AbortController()
  const late = sleep(deadlineMs, undefined, { signal: answered.signal }).then(() => { throw new Error(`the database did not answer within ${deadlineMs} ms`) })
  try {
    await Promise.race([db.execute(sql`select 1`), late])
  } finally {
    answered.abort()
    await late.catch(() => undefined)
  }
}
