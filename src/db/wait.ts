import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseUnavailable } from './errors.ts'
import { openDatabase, type DatabaseAddress } from './open.ts'
import { pingDatabase } from './ping.ts'

const PING_DEADLINE_MS = 5_000
const PAUSE_MS = 500

/** Nobody answers at DATABASE_URL, or not to us. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError'
}

/** Waits for a server that is started at the same time as we are. One that refuses us is not asked again. */
export async function waitForDatabase (address: DatabaseAddress, { patienceMs, onWait }: { patienceMs: number, onWait: () => void }): Promise<void> {
  const { db, close } = openDatabase(address)
  const deadline = performance.now() + patienceMs
  let isWaiting = false
  try {
    for (;;) {
      try {
        return await pingDatabase(db, PING_DEADLINE_MS)
      } catch (error) {
        if (!isDatabaseUnavailable(error) || performance.now() > deadline) {
          throw new DatabaseRefusedError(`the database cannot be used: ${reasonOf(error)}`, { cause: error })
        }
        if (!isWaiting) onWait()
        isWaiting = true
        await sleep(PAUSE_MS)
      }
    }
  } finally {
    await close()
  }
}

function reasonOf (error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return reason instanceof Error ? reason.message : String(reason)
}
