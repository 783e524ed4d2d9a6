import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { errors } from '../../errors.ts'
import { createFairQueue, QueueFullError } from '../../lib/fair-queue.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import { openSpool, type Spool } from './spool.ts'

/** Bodies that wait on the disk until all of them is known to be good: so many at once, and so many bytes of all together. */
export interface Spools {
  /**
   * Does the work with a spool when it is the owner's turn. `bytes` is what the body announces; where it announces nothing, room
   * is reserved as it comes. Throws SPOOL_FULL and UPLOADS_BUSY, before a byte is read where that can be known.
   */
  readonly use: <T>(owner: string, bytes: number | undefined, work: (spool: Spool) => Promise<T>, signal: AbortSignal) => Promise<T>
  /** Removes what a process has left that was killed between making a file and taking its name away. */
  readonly sweep: () => Promise<void>
}

const AT_ONCE = 4
const PER_OWNER = 2
const MOST_WAITING = 32
const LONGEST_WAIT_MS = 30_000

export function createSpools ({ directory, budgetBytes, ensureDiskRoom, longestWaitMs = LONGEST_WAIT_MS }: {
  directory: string
  budgetBytes: number
  /** Rejects when the disk has no room for so many bytes more. */
  ensureDiskRoom: (directory: string, bytes: number) => Promise<void>
  longestWaitMs?: number
}): Spools {
  const queue = createFairQueue({ concurrency: AT_ONCE, perOwner: PER_OWNER, capacity: MOST_WAITING })
  let reserved = 0

  function reserve (bytes: number): void {
    if (bytes > budgetBytes) throw new errors.ARCHIVE_TOO_LARGE(`it is larger than the ${budgetBytes} bytes that the server takes in at once`)
    if (reserved + bytes > budgetBytes) throw new errors.SPOOL_FULL()
    reserved += bytes
  }

  async function withSpool<T> (announced: number | undefined, work: (spool: Spool) => Promise<T>): Promise<T> {
    let mine = announced ?? 0
    reserve(mine)
    try {
      await ensureDiskRoom(directory, mine)
      const spool = await openSpool(directory)
      let recorded = 0

      async function * metered (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        for await (const chunk of source) {
          recorded += chunk.length
          const more = Math.max(recorded - mine, 0)
          reserve(more)
          mine += more
          yield chunk
        }
      }
      try {
        return await work({ ...spool, record: (source) => spool.record(metered(source)) })
      } finally {
        await spool.close()
      }
    } finally {
      reserved -= mine
    }
  }

  return {
    async use (owner, bytes, work, signal) {
      const patience = new AbortController()
      const timer = setTimeout(() => patience.abort(new errors.UPLOADS_BUSY()), longestWaitMs)
      try {
        return await queue.run(owner, async () => {
          clearTimeout(timer)
          return await withSpool(bytes, work)
        }, joinSignals(signal, patience.signal))
      } catch (error) {
        throw error instanceof QueueFullError ? new errors.UPLOADS_BUSY() : error
      } finally {
        clearTimeout(timer)
      }
    },
    async sweep () {
      const names = await readdir(directory).catch(() => [])
      await Promise.all(names.map(async (name) => await rm(path.join(directory, name), { force: true })))
    }
  }
}
