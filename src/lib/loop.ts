import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Loop {
  /** One round, now; also what a test calls instead of waiting. */
  readonly tick: () => Promise<void>
  readonly start: () => void
  /** Ends the loop and waits for the round that is under way. */
  readonly stop: () => Promise<void>
}

/** Runs `work` every `intervalMs`, counted from the end of one round to the start of the next. A failed round is reported and the loop goes on. */
export function createLoop ({ intervalMs, work, onError }: {
  intervalMs: number
  work: (signal: AbortSignal) => Promise<void>
  onError: (error: unknown) => void
}): Loop {
  const stopping = new AbortController()
  // As many listen as a round does at once.
  setMaxListeners(0, stopping.signal)
  let running: Promise<void> | undefined

  async function tick (): Promise<void> {
    try {
      await work(stopping.signal)
    } catch (error) {
      if (!stopping.signal.aborted) onError(error)
    }
  }

  async function run (): Promise<void> {
    while (!stopping.signal.aborted) {
      await tick()
      // Rejects when the loop is stopped, which is how it is woken.
      await sleep(intervalMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)
    }
  }

  return {
    tick,
    start () {
      running ??= run()
    },
    async stop () {
      stopping.abort()
      await running
    }
  }
}
