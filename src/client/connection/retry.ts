import { closeCodes } from '../../protocols/close-codes.ts'
import { backoff } from './backoff.ts'
import type { Reconnecting } from './reconnecting.ts'

const TRY_LATER_MS = 2_000

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
