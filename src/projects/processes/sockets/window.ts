export interface WindowLimits {
  readonly highBytes: number
  readonly lowBytes: number
}

/**
 * For xterm.js, which parses 5-35 MB/s: enough to never run dry, little enough to stop at once. It opens long before the
 * client has nothing left: what comes next has a way of five programs to go.
 */
export const terminalWindow: WindowLimits = { highBytes: 256 * 1024, lowBytes: 192 * 1024 }

/** How much may be on the way to one client. */
export interface Window {
  readonly isOpen: () => boolean
  readonly sent: (bytes: number) => void
  /** The client has dealt with so much; more than was sent is not believed. */
  readonly acknowledged: (bytes: number) => void
  /** Looks again at what the socket still holds. */
  readonly flushed: () => void
  /** While nothing is read from a client its acknowledgements cannot be heard, and what it holds up must not be held up by them. */
  readonly setDeaf: (isDeaf: boolean) => void
  /** A client that takes everything and has never acknowledged anything does not know how: from now on only the socket counts. */
  readonly stopWaitingForFirst: () => void
}

/**
 * Closes when the client has `highBytes` that it has not acknowledged, or the socket as many that it has not sent; opens
 * when both are down to `lowBytes`.
 */
export function createWindow ({ highBytes, lowBytes }: WindowLimits, { bufferedBytes, expectsAcknowledgements }: {
  bufferedBytes: () => number
  expectsAcknowledgements: boolean
}): Window {
  let unacknowledged = 0
  let hasAcknowledged = false
  let counts = expectsAcknowledgements
  let isDeaf = false
  let isOpen = true

  function update (): void {
    const waiting = Math.max(counts && !isDeaf ? unacknowledged : 0, bufferedBytes())
    if (waiting >= highBytes) isOpen = false
    else if (waiting <= lowBytes) isOpen = true
  }

  return {
    isOpen: () => isOpen,
    sent (bytes) {
      unacknowledged += bytes
      update()
    },
    acknowledged (bytes) {
      hasAcknowledged = true
      counts = expectsAcknowledgements
      unacknowledged = Math.max(0, unacknowledged - bytes)
      update()
    },
    flushed: update,
    setDeaf (deaf) {
      isDeaf = deaf
      update()
    },
    stopWaitingForFirst () {
      if (hasAcknowledged || bufferedBytes() > lowBytes) return
      counts = false
      update()
    }
  }
}
