export interface BackpressureLimits {
  /** Longest time that the source is stopped, in one go or in several, before so much is read. */
  readonly stopMs: number
  readonly releaseBytes: number
}

/**
 * Two seconds after a process has exited, an Engine cuts off what it could not hand over. Nobody tells us when that is, so
 * at any time what may wait between a process and us (1.3 MB measured) must be read within less. A shell whose clients are
 * all stuck is so slowed to a megabyte per second.
 */
export const engineBackpressure: BackpressureLimits = { stopMs: 1_500, releaseBytes: 1.5 * 1024 * 1024 }

// We read all the time and nothing came: then nothing was waiting.
const DRY_MS = 100

export interface Backpressure {
  /** Tells whether anybody could take more, whenever that may have changed. */
  readonly setWanted: (isWanted: boolean) => void
  readonly received: (bytes: number) => void
  /** Lets go for good. */
  readonly release: () => void
}

/** Stops a source while nobody wants more of it. */
export function createBackpressure ({ stopMs, releaseBytes }: BackpressureLimits, { source, onTimeout }: {
  source: { pause: () => void, resume: () => void }
  /** Nobody wanted more for as long as may be. */
  onTimeout: () => void
}): Backpressure {
  let isWanted = true
  let stoppedMs = 0
  let readBytes = 0
  let stop: { since: number, timer: NodeJS.Timeout } | undefined
  let readingSince = performance.now()

  function go (): void {
    if (stop === undefined) return
    clearTimeout(stop.timer)
    readingSince = performance.now()
    stoppedMs += readingSince - stop.since
    stop = undefined
    source.resume()
  }

  function update (): void {
    const leftMs = stopMs - stoppedMs
    if (isWanted || leftMs <= 0) return go()
    if (stop !== undefined) return
    source.pause()
    stop = { since: performance.now(), timer: setTimeout(expire, leftMs) }
  }

  function expire (): void {
    go()
    // Timers may fire early by a fraction of a millisecond.
    stoppedMs = stopMs
    onTimeout()
  }

  return {
    setWanted (wanted) {
      isWanted = wanted
      update()
    },
    received (bytes) {
      const now = performance.now()
      const wasDry = stop === undefined && now - readingSince > DRY_MS
      readingSince = now
      readBytes += bytes
      if (wasDry || readBytes >= releaseBytes) stoppedMs = readBytes = 0
    },
    release () {
      isWanted = true
      go()
    }
  }
}
