import { createLoop, type Loop } from '../../lib/loop.ts'
import { MARK_EVERY_MS } from '../volumes/change-marks.ts'
import type { DueProject } from './repo.ts'

const ROUND_MS = 2_000
/** A burst of changes is for one snapshot. The newest may be younger than its mark by as long as that is relied on. */
const QUIET_MS = MARK_EVERY_MS + 3_000
/** After a failure, such as of the storage, each attempt would cost a sandbox. */
const WAIT_AFTER_FAILURE_MS = 60_000

/**
 * Takes snapshots of projects at rest with changed files, one after the other: whoever stopped or changed them does not
 * wait for it, and what a server's death interrupts is found again by any other.
 */
export function createAutomaticSnapshots ({ listDue, take, log, now = () => performance.now() }: {
  listDue: () => Promise<readonly DueProject[]>
  take: (due: DueProject, signal: AbortSignal) => Promise<void>
  log: { warn: (fields: object, message: string) => void }
  now?: () => number
}): Loop {
  const failedAt = new Map<string, number>()

  async function attempt (due: DueProject, signal: AbortSignal): Promise<void> {
    const { projectId } = due
    try {
      await take(due, signal)
      failedAt.delete(projectId)
    } catch (err) {
      if (signal.aborted) return
      failedAt.set(projectId, now())
      log.warn({ err, projectId }, 'the files of a project could not be kept in a snapshot; tried again later')
    }
  }

  function isTooEarly ({ projectId, quietMs }: DueProject): boolean {
    return quietMs < QUIET_MS || now() - (failedAt.get(projectId) ?? -Infinity) < WAIT_AFTER_FAILURE_MS
  }

  return createLoop({
    intervalMs: ROUND_MS,
    onError: (err) => log.warn({ err }, 'projects that need a snapshot could not be looked for'),
    async work (signal) {
      const found = await listDue()
      for (const id of failedAt.keys()) if (!found.some(({ projectId }) => projectId === id)) failedAt.delete(id)
      for (const due of found) {
        if (signal.aborted) return
        if (!isTooEarly(due)) await attempt(due, signal)
      }
    }
  })
}
