import { createLoop, type Loop } from '../../lib/loop.ts'

const ROUND_MS = 5_000
/** After a failure, such as of the storage, each attempt would cost a sandbox. */
const WAIT_AFTER_FAILURE_MS = 60_000

/**
 * Takes snapshots of projects that have come to rest with changed files, one after the other: whoever stopped them does
 * not wait for it, and what a server's death interrupts is found again by any other.
 */
export function createAutomaticSnapshots ({ listDue, take, log, now = () => performance.now() }: {
  listDue: () => Promise<readonly string[]>
  take: (projectId: string, signal: AbortSignal) => Promise<void>
  log: { warn: (fields: object, message: string) => void }
  now?: () => number
}): Loop {
  const failedAt = new Map<string, number>()

  async function attempt (projectId: string, signal: AbortSignal): Promise<void> {
    try {
      await take(projectId, signal)
      failedAt.delete(projectId)
    } catch (err) {
      if (signal.aborted) return
      failedAt.set(projectId, now())
      log.warn({ err, projectId }, 'the files of a project could not be kept in a snapshot; tried again later')
    }
  }

  return createLoop({
    intervalMs: ROUND_MS,
    onError: (err) => log.warn({ err }, 'projects that need a snapshot could not be looked for'),
    async work (signal) {
      const due = await listDue()
      for (const projectId of failedAt.keys()) if (!due.includes(projectId)) failedAt.delete(projectId)
      for (const projectId of due) {
        if (signal.aborted) return
        const isTooEarly = now() - (failedAt.get(projectId) ?? -Infinity) < WAIT_AFTER_FAILURE_MS
        if (!isTooEarly) await attempt(projectId, signal)
      }
    }
  })
}
