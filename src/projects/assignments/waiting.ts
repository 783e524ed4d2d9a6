import { errors } from '../../errors.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import { untilAborted } from '../transfer/snapshots/deadline.ts'

const ONCE_MS = 60_000
const TOGETHER_MS = 5 * 60_000

/** Waits for what may never come, and not for whoever reads slowly what has: so long at once, and so long in all. */
export interface Waiting {
  readonly for: <T>(work: Promise<T>) => Promise<T>
  readonly each: <T>(items: AsyncIterable<T>) => AsyncGenerator<T>
}

export interface Patience {
  readonly onceMs?: number
  readonly togetherMs?: number
}

export function createWaiting (signal: AbortSignal, { onceMs = ONCE_MS, togetherMs = TOGETHER_MS }: Patience = {}): Waiting {
  let leftMs = togetherMs

  async function waitFor<T> (work: Promise<T>): Promise<T> {
    const stalled = new AbortController()
    const timer = setTimeout(() => stalled.abort(new errors.SNAPSHOT_STALLED()), Math.min(onceMs, leftMs))
    const since = performance.now()
    try {
      return await untilAborted(joinSignals(signal, stalled.signal), work)
    } finally {
      clearTimeout(timer)
      leftMs = Math.max(leftMs - (performance.now() - since), 0)
    }
  }

  return {
    for: waitFor,
    async * each (items) {
      const iterator = items[Symbol.asyncIterator]()
      try {
        for (;;) {
          const next = await waitFor(iterator.next())
          if (next.done === true) return
          yield next.value
        }
      } finally {
        // Not waited for: it may be what never comes.
        iterator.return?.().catch(() => undefined)
      }
    }
  }
}
