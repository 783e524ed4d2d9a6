import { closeCodes } from '../../protocols/close-codes.ts'
import { backoff } from './backoff.ts'
import type { Reconnecting } from './reconnecting.ts'

const TRY_LATER_MS = 2_000
// A server that waits for something, such as the start of a project, opens the socket before.
const OPEN_MS = 4_000
const MOST_OPEN_MS = 30_000
// A network that is back should be found soon; after that, it may be a server that needs longer.
const SHORT_ATTEMPTS = 3

export interface RetryOptions {
  readonly attach: () => void
  /** Nobody looks at a hidden page, so it does not keep on trying. */
  readonly isVisible: () => boolean
  readonly random: () => number
}

/** Tries again after a lost connection, later after each failure in a row. */
export function createRetry ({ attach, isVisible, random }: RetryOptions) {
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let beganAt: number | undefined

  return {
    /** An attempt begins. */
    begin (): void {
      clearTimeout(timer)
      beganAt = performance.now()
    },
    /** `reason` is the server's. */
    schedule (closeCode: number, reason: string | undefined): Reconnecting {
      // An attempt that took its time to fail has waited already.
      const waitedMs = beganAt === undefined ? 0 : performance.now() - beganAt
      const delayMs = Math.max(backoff(failures++, random) - waitedMs, closeCode === closeCodes.tryLater ? TRY_LATER_MS : 0)
      timer = setTimeout(() => { if (isVisible()) attach() }, delayMs)
      return { name: 'reconnecting', delayMs, ...(reason === undefined ? {} : { reason }) }
    },
    /** How long an attempt may take to open its socket. */
    openMs: (): number => Math.min(MOST_OPEN_MS, OPEN_MS * 2 ** Math.max(0, failures - SHORT_ATTEMPTS + 1)),
    cancel: (): void => clearTimeout(timer),
    /** The next failure is the first one. */
    reset (): void {
      failures = 0
      beganAt = undefined
    }
  }
}

/** What is said of an attempt that begins now. */
export function attempting (state: { readonly name: string }): Reconnecting | { readonly name: 'connecting' } {
  return state.name === 'reconnecting' ? { name: 'reconnecting', delayMs: 0 } : { name: 'connecting' }
}
