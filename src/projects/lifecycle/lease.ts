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
  /** Aborted when the lease is lost, and before it ends when it could not be renewed. */
  readonly signal: AbortSignal
}

export interface Leases<Claim = LifecycleClaim, Project = LifecycleProject> {
  /**
   * Does the work with the project to itself; undefined if somebody else has it. The work ends with a write that releases
   * the lease. If it throws, the lease is released here.
   */
  readonly withLease: <T>(projectId: string, claim: Claim, work: (lease: Lease<Project>) => Promise<T>) => Promise<{ value: T } | undefined>
}

/** Of a lease: what is under way at the Engine when it is given up has this much of it left to come to its end. */
const MARGIN = 1 / 5
const RENEWALS = 3

/**
 * `leaseMs` is how long a project stays taken when its server dies in the middle. Whoever holds a lease counts its time
 * from before the database was asked for it, by a clock that nobody sets, and so gives it up before it ends there, whether
 * the database answers or not.
 */
export function createLeases<Claim = LifecycleClaim, Project = LifecycleProject> (repo: LeaseRepo<NoInfer<Claim>, Project>, leaseMs: number): Leases<Claim, Project> {
  function lose (lost: AbortController): void {
    lost.abort(new LeaseLostError('the lease of the project was lost'))
  }

  /** Renews until the work is done. Nothing waits for an answer: the lease is lost by the time that passes without one. */
  async function keep (projectId: string, token: string, askedAt: number, done: AbortSignal, lost: AbortController): Promise<void> {
    let expiry = expireFrom(askedAt, lost)
    done.addEventListener('abort', () => clearTimeout(expiry), { once: true })
    while (!done.aborted && !lost.signal.aborted) {
      await sleep(leaseMs / RENEWALS, undefined, { signal: AbortSignal.any([done, lost.signal]), ref: false }).catch(() => undefined)
      if (done.aborted || lost.signal.aborted) return
      const renewedAt = performance.now()
      // Undefined while the database is away: the lease lasts as long as it was granted for.
      const isMine = await repo.renew(projectId, token, leaseMs).catch(() => undefined)
      if (done.aborted || lost.signal.aborted) return
      if (isMine === false) lose(lost)
      if (isMine === true) {
        clearTimeout(expiry)
        expiry = expireFrom(renewedAt, lost)
      }
    }
  }

  function expireFrom (askedAt: number, lost: AbortController): NodeJS.Timeout {
    const left = askedAt + leaseMs * (1 - MARGIN) - performance.now()
    if (left <= 0) lose(lost)
    return setTimeout(() => lose(lost), Math.max(left, 0)).unref()
  }

  return {
    async withLease (projectId, claim, work) {
      const token = randomUUID()
      const askedAt = performance.now()
      const project = await repo.claim(projectId, { ...claim, token, leaseMs })
      if (project === undefined) return undefined
      const done = new AbortController()
      const lost = new AbortController()
      void keep(projectId, token, askedAt, done.signal, lost)
      try {
        lost.signal.throwIfAborted()
        return { value: await work({ project, token, signal: lost.signal }) }
      } catch (error) {
        // The database may be away; the lease runs out by itself.
        await repo.release(projectId, token).catch(() => undefined)
        throw error
      } finally {
        done.abort()
      }
    }
  }
}
