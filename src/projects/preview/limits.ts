import type { IncomingMessage } from 'node:http'
import { clientNetwork } from '../../lib/client-network.ts'

export interface PreviewLimits {
  /** Counts somebody of whom nothing is known. Throws RATE_LIMITED. */
  readonly countStranger: (request: IncomingMessage) => Promise<void>
  readonly isExceeded: (request: IncomingMessage) => boolean
  /** Throws RATE_LIMITED for a client that has just been told so: before the database is asked. */
  readonly refuseExceeded: (request: IncomingMessage) => void
  readonly countUser: (userId: string) => Promise<void>
}

const REMEMBERED = 10_000

/** The same limits as the API's, which counts them together with ours. */
export function createPreviewLimits ({ addressOf, limitAnonymous, limitUser, now = () => performance.now() }: {
  addressOf: (request: IncomingMessage) => string
  limitAnonymous: (address: string) => Promise<void>
  limitUser: (userId: string) => Promise<void>
  now?: () => number
}): PreviewLimits {
  const exceeded = new Map<string, { readonly untilMs: number, readonly error: unknown }>()

  function remember (network: string, error: unknown): void {
    const { retryAfterSeconds } = error as { retryAfterSeconds?: number }
    if (retryAfterSeconds === undefined) return
    const oldest = exceeded.keys().next()
    if (exceeded.size >= REMEMBERED && oldest.done === false) exceeded.delete(oldest.value)
    exceeded.set(network, { untilMs: now() + 1000 * retryAfterSeconds, error })
  }

  function refusalOf (request: IncomingMessage): { readonly error: unknown } | undefined {
    const network = clientNetwork(addressOf(request))
    const refusal = exceeded.get(network)
    if (refusal === undefined || now() < refusal.untilMs) return refusal
    exceeded.delete(network)
    return undefined
  }

  return {
    async countStranger (request) {
      const address = addressOf(request)
      try {
        await limitAnonymous(address)
      } catch (error) {
        remember(clientNetwork(address), error)
        throw error
      }
    },
    isExceeded: (request) => refusalOf(request) !== undefined,
    refuseExceeded (request) {
      const refusal = refusalOf(request)
      if (refusal !== undefined) throw refusal.error
    },
    countUser: limitUser
  }
}
