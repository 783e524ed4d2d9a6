import type { IncomingMessage } from 'node:http'

export interface PreviewLimits {
  /** Counts somebody of whom nothing is known. Throws RATE_LIMITED. */
  readonly countStranger: (request: IncomingMessage) => Promise<void>
  /** Throws RATE_LIMITED, without counting, for a client that has just been told so: before the database is asked. */
  readonly refuseExceeded: (request: IncomingMessage) => void
  readonly countUser: (userId: string) => Promise<void>
}

/** The same limits as the API's, which counts them together with ours. */
export function createPreviewLimits ({ addressOf, strangers, countUser }: {
  addressOf: (request: IncomingMessage) => string
  strangers: { readonly count: (address: string) => Promise<void>, readonly refuseExceeded: (address: string) => void }
  countUser: (userId: string) => Promise<void>
}): PreviewLimits {
  return {
    countStranger: async (request) => await strangers.count(addressOf(request)),
    refuseExceeded: (request) => strangers.refuseExceeded(addressOf(request)),
    countUser
  }
}
