import { errors } from '../../../errors.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import { createLeases, type Lease } from '../../../leases/lease.ts'
import { createTurns } from '../../../leases/turns.ts'
import type { VolumeRepo, VolumeRow } from './repo.ts'

/** How long one waits for another's archive or snapshot of the same project. */
const TURN_DEADLINE_MS = 60_000
/** Another server's progress is seen this late at most. */
const POLL_INTERVAL_MS = 200

export type VolumeLease = Lease<VolumeRow>

/** Has all files of a project to itself, among those that replace or copy all of them. */
export type Exclusively = <T>(projectId: string, work: (lease: VolumeLease) => Promise<T>, signal?: AbortSignal) => Promise<T>

export function createExclusively (repo: VolumeRepo, leaseMs: number): Exclusively {
  const leases = createLeases<object, VolumeRow>(repo, leaseMs)
  const turns = createTurns()

  async function attempt<T> (projectId: string, work: (lease: VolumeLease) => Promise<T>): Promise<{ value: T } | undefined> {
    let hadLease = false
    try {
      return await leases.withLease(projectId, {}, async (lease) => {
        hadLease = true
        const value = await work({ ...lease, signal: joinSignals(lease.signal) })
        await repo.release(projectId, lease.token)
        return value
      })
    } finally {
      if (hadLease) turns.changed(projectId)
    }
  }

  return async (projectId, work, signal) => {
    const deadline = performance.now() + TURN_DEADLINE_MS
    while (performance.now() < deadline) {
      signal?.throwIfAborted()
      const outcome = await attempt(projectId, work)
      if (outcome !== undefined) return outcome.value
      if (!await repo.isWanted(projectId)) throw new errors.PROJECT_NOT_FOUND()
      await turns.waitForChange(projectId, POLL_INTERVAL_MS)
    }
    throw new errors.PROJECT_BUSY()
  }
}
