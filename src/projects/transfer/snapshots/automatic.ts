import { createFairQueue } from '../../../lib/fair-queue.ts'
import { createLoop, type Loop } from '../../../lib/loop.ts'
import type { DueProject } from './repo.ts'

const ROUND_MS = 2_000
/** Each packs in a thread of its own; two of the four are left to others. */
const AT_ONCE = 2

/**
 * Takes snapshots of projects that are due, a few at once, and of one owner one at a time, whoever has had least first:
 * neither many projects of one nor one huge project delay everybody else's. Whoever stopped or changed them does not wait for it, and
 * what a server's death interrupts is found again by any other.
 */
export function createAutomaticSnapshots ({ listDue, take, log }: {
  listDue: () => Promise<readonly DueProject[]>
  take: (due: DueProject, signal: AbortSignal) => Promise<void>
  log: { warn: (fields: object, message: string) => void }
}): Loop {
  const queue = createFairQueue({ concurrency: AT_ONCE, perOwner: 1, capacity: Infinity })
  const underWay = new Map<string, Promise<void>>()

  async function attempt (due: DueProject, signal: AbortSignal): Promise<void> {
    const { projectId, owner } = due
    try {
      await queue.run(owner, async () => await take(due, signal), signal)
    } catch (err) {
      if (!signal.aborted) log.warn({ err, projectId }, 'the files of a project could not be kept in a snapshot; tried again later')
    } finally {
      underWay.delete(projectId)
    }
  }

  const loop = createLoop({
    intervalMs: ROUND_MS,
    onError: (err) => log.warn({ err }, 'projects that need a snapshot could not be listed'),
    async work (signal) {
      for (const due of await listDue()) {
        if (!signal.aborted && !underWay.has(due.projectId)) underWay.set(due.projectId, attempt(due, signal))
      }
    }
  })

  return {
    ...loop,
    async stop () {
      await loop.stop()
      await Promise.all(underWay.values())
    }
  }
}
