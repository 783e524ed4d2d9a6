import { errors } from '../../../errors.ts'

/** Of a project's agent and the storage together. */
const SILENCE_MS = 60_000
const LONGEST_MS = 15 * 60_000

export interface StallWatch {
  /** Aborted when nothing has gone on for a while, or when all of it takes too long. */
  readonly signal: AbortSignal
  readonly onProgress: () => void
  readonly end: () => void
}

/** One project's agent that has stopped, or one huge project, is not to keep the others waiting. */
export function createStallWatch ({ silenceMs = SILENCE_MS, longestMs = LONGEST_MS } = {}): StallWatch {
  const controller = new AbortController()
  const abort = (): void => controller.abort(new errors.SNAPSHOT_STALLED())
  const silence = setTimeout(abort, silenceMs)
  const longest = setTimeout(abort, longestMs)

  return {
    signal: controller.signal,
    onProgress: () => { silence.refresh() },
    end () {
      clearTimeout(silence)
      clearTimeout(longest)
    }
  }
}

/** The work's outcome, or the signal's reason as soon as that is aborted, whatever the work is waiting for. */
export async function untilAborted<T> (signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  return await Promise.race([work, aborted]).finally(stop)
}
