import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { joinSignals } from '../lib/join-signals.ts'

/** Somebody else may be at work on it by now: nothing more may be done. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** Where leases of one kind of thing are written down. Times are the database's; a token is of one lease only. */
export interface LeaseRepo<Claim, Subject> {
  /** Undefined if somebody has it, or there is nothing to do with it. */
  readonly claim: (id: string, claim: Claim & { token: string, leaseMs: number }) => Promise<Subject | undefined>
  /** False when it is somebody else's by now. */
  readonly renew: (id: string, token: string, leaseMs: number) => Promise<boolean>
  readonly release: (id: string, token: string) => Promise<void>
}

/** The right to change something, such as a project's container, for as long as it is renewed. */
export interface Lease<Subject> {
  readonly subject: Subject
  /** The fencing token: a write that names it counts only while the lease lasts. */
  readonly token: string
  /** Aborted when the lease is lost, and before it expires when it could not be renewed. */
  readonly signal: AbortSignal
}

export interface Leases<Claim, Subject> {
  /**
   * Does the work with the subject to itself; undefined if somebody else has it. The work ends with a write that releases
   * the lease. If it throws, the lease is released here.
   */
  readonly withLease: <T>(id: string, claim: Claim, work: (lease: Lease<Subject>) => Promise<T>) => Promise<{ value: T } | undefined>
}

/** Of a lease: what is under way at the Engine when it is given up has this much of it left to come to its end. */
const MARGIN = 1 / 5
const RENEWALS = 3

/**
 * `leaseMs` is how long it stays taken when its server dies in the middle. A lease holder counts its time
 * from before the database was asked for it, by a clock that nobody sets, and so gives it up before it ends there, whether
 * the database answers or not.
 */
export function createLeases<Claim extends object, Subject> (repo: LeaseRepo<Claim, Subject>, leaseMs: number): Leases<Claim, Subject> {
  function lose (lost: AbortController): void {
    lost.abort(new LeaseLostError('the lease was lost'))
  }

  /** Renews until the work is done. Nothing waits for an answer: the lease is lost by the time that passes without one. */
  async function keep (id: string, token: string, askedAt: number, done: AbortSignal, lost: AbortController): Promise<void> {
    let expiry = expireFrom(askedAt, lost)
    done.addEventListener('abort', () => clearTimeout(expiry), { once: true })
    while (!done.aborted && !lost.signal.aborted) {
      await sleep(leaseMs / RENEWALS, undefined, { signal: joinSignals(done, lost.signal), ref: false }).catch(() => undefined)
      if (done.aborted || lost.signal.aborted) return
      const renewedAt = performance.now()
      // Undefined while the database is away: the lease lasts as long as it was granted for.
      const isMine = await repo.renew(id, token, leaseMs).catch(() => undefined)
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
    async withLease (id, claim, work) {
      const token = randomUUID()
      const askedAt = performance.now()
      const subject = await repo.claim(id, { ...claim, token, leaseMs })
      if (subject === undefined) return undefined
      const done = new AbortController()
      const lost = new AbortController()
      void keep(id, token, askedAt, done.signal, lost)
      try {
        lost.signal.throwIfAborted()
        return { value: await work({ subject, token, signal: lost.signal }) }
      } catch (error) {
        // The database may be away; the lease runs out by itself.
        await repo.release(id, token).catch(() => undefined)
        throw error
      } finally {
        done.abort()
      }
    }
  }
}
