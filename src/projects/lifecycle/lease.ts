import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AdmissionLimits } from './admission.ts'
import type { LifecycleProject, Operation } from './repo.ts'

/** Somebody else may be at work on the project by now: nothing more may be done to it. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** Where leases are written down. Times are the database's; a token is of one lease only. */
export interface LeaseRepo<Claim = LifecycleClaim, Project = LifecycleProject> {
  /** Undefined if somebody has the project, or there is nothing to do with it. */
  readonly claim: (projectId: string, claim: Claim & { token: string, leaseMs: number }) => Promise<Project | undefined>
  /** False when it is somebody else's by now. */
  readonly renew: (projectId: string, token: string, leaseMs: number) => Promise<boolean>
  readonly release: (projectId: string, token: string) => Promise<void>
}

interface LifecycleClaim {
  operation: Operation
  idleMs?: number
  /** Of a start: throws StartRefusedError where there is no room for it. */
  admission?: AdmissionLimits
}

/** The right to change something of a project, such as its container, for as long as it is renewed. */
export interface Lease<Project = LifecycleProject> {
  readonly project: Project
  readonly token: string
  /** Aborted when the lease is lost. */
  readonly signal: AbortSignal
}

export interface Leases<Claim = LifecycleClaim, Project = LifecycleProject> {
  /**
   * Does the work with the project to itself; undefined if somebody else has it. The work ends with a write that releases
   * the lease. If it throws, the lease is released here.
   */
  readonly withLease: <T>(projectId: string, claim: Claim, work: (lease: Lease<Project>) => Promise<T>) => Promise<{ value: T } | undefined>
}

/** `leaseMs` is how long a project stays taken when its server dies in the middle. */
export function createLeases<Claim = LifecycleClaim, Project = LifecycleProject> (repo: LeaseRepo<NoInfer<Claim>, Project>, leaseMs: number): Leases<Claim, Project> {
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
