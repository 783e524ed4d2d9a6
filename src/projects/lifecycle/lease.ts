import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LifecycleProject, LifecycleRepo, Operation } from './repo.ts'

/** Somebody else may be at work on the project by now: nothing more may be done to it. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** The right to change a project's container, for as long as it is renewed. */
export interface Lease {
  readonly project: LifecycleProject
  readonly token: string
  /** Aborted when the lease is lost. */
  readonly signal: AbortSignal
}

export interface Leases {
  /**
   * Does the work with the project to itself; undefined if somebody else has it. The work ends with a write that releases
   * the lease. If it throws, the lease is released here.
   */
  readonly withLease: <T>(projectId: string, claim: { operation: Operation, idleMs?: number }, work: (lease: Lease) => Promise<T>) => Promise<{ value: T } | undefined>
}

/** `leaseMs` is how long a project stays taken when its server dies in the middle. */
export function createLeases (repo: LifecycleRepo, leaseMs: number): Leases {
  /** Renews until the work is done, and gives up when the lease cannot be held any longer. */
  async function keep (projectId: string, token: string, done: AbortSignal, lost: AbortController): Promise<void> {
    let renewedAt = performance.now()
    for (;;) {
      await sleep(leaseMs / 3, undefined, { signal: done, ref: false }).catch(() => undefined)
      if (done.aborted) return
      const askedAt = performance.now()
      // While the database is away the lease lasts as long as it was granted for.
      const isMine = await repo.renew(projectId, token, leaseMs).catch(() => undefined)
      if (isMine === true) renewedAt = askedAt
      if (isMine === false || performance.now() - renewedAt >= leaseMs) {
        lost.abort(new LeaseLostError('the lease of the project was lost'))
        return
      }
    }
  }

  return {
    async withLease (projectId, claim, work) {
      const token = randomUUID()
      const project = await repo.claim(projectId, { ...claim, token, leaseMs })
      if (project === undefined) return undefined
      const done = new AbortController()
      const lost = new AbortController()
      const keeping = keep(projectId, token, done.signal, lost)
      try {
        return { value: await work({ project, token, signal: lost.signal }) }
      } catch (error) {
        await repo.release(projectId, token).catch(() => {
          // The database is away; the lease runs out by itself.
        })
        throw error
      } finally {
        done.abort()
        await keeping
      }
    }
  }
}
