import { createDeferred, type Deferred } from './deferred.ts'

export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
  /** When a place is likely to be free, from how long tasks have taken. */
  readonly retryAfterSeconds: number

  constructor (retryAfterSeconds: number) {
    super('too many tasks are waiting')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface FairQueue {
  /**
   * Runs the task when a place is free. Owners take turns, so that one with a thousand tasks waiting does not delay
   * another's first. Rejects at once with QueueFullError when `capacity` tasks wait already, and with the signal's
   * reason when it is aborted before the task has begun.
   */
  readonly run: <T>(owner: string, task: () => Promise<T>, signal?: AbortSignal) => Promise<T>
  readonly running: () => number
  readonly waiting: () => number
}

export interface FairQueueOptions {
  /** Tasks at once. */
  readonly concurrency: number
  /** Tasks at once of one owner: below `concurrency`, so that long tasks of one leave room for the others. */
  readonly perOwner: number
  /** Tasks that may wait. */
  readonly capacity: number
}

const MAX_RETRY_AFTER_SECONDS = 60
const DURATION_WEIGHT = 0.05

export function createFairQueue ({ concurrency, perOwner, capacity }: FairQueueOptions): FairQueue {
  // A Map iterates in order of insertion: an owner who has been served goes to the back by delete and set.
  const turns = new Map<string, Deferred<void>[]>()
  const runningOf = new Map<string, number>()
  let running = 0
  let waiting = 0
  let meanDurationMs = 0

  const mayRun = (owner: string): boolean => running < concurrency && (runningOf.get(owner) ?? 0) < perOwner

  function begin (owner: string): void {
    running++
    runningOf.set(owner, (runningOf.get(owner) ?? 0) + 1)
  }

  function finish (owner: string, durationMs: number): void {
    running--
    const left = (runningOf.get(owner) ?? 1) - 1
    if (left === 0) runningOf.delete(owner)
    else runningOf.set(owner, left)
    meanDurationMs += (durationMs - meanDurationMs) * (meanDurationMs === 0 ? 1 : DURATION_WEIGHT)
    grantNext()
  }

  function grantNext (): void {
    for (const [owner, line] of turns) {
      if (!mayRun(owner)) continue
      const place = line.shift()
      turns.delete(owner)
      if (line.length > 0) turns.set(owner, line)
      waiting--
      begin(owner)
      place?.resolve()
      return
    }
  }

  function leave (owner: string, place: Deferred<void>, reason: unknown): void {
    const line = turns.get(owner)
    const index = line?.indexOf(place) ?? -1
    if (line === undefined || index < 0) return
    line.splice(index, 1)
    if (line.length === 0) turns.delete(owner)
    waiting--
    place.reject(reason)
  }

  function retryAfterSeconds (): number {
    const seconds = Math.ceil(waiting * meanDurationMs / concurrency / 1000)
    return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS)
  }

  async function enter (owner: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (mayRun(owner)) {
      begin(owner)
      return
    }
    if (waiting >= capacity) throw new QueueFullError(retryAfterSeconds())
    const place = createDeferred<void>()
    const line = turns.get(owner)
    if (line === undefined) turns.set(owner, [place])
    else line.push(place)
    waiting++
    const onAbort = (): void => leave(owner, place, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await place.promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  return {
    async run (owner, task, signal) {
      await enter(owner, signal)
      const begunAt = performance.now()
      try {
        return await task()
      } finally {
        finish(owner, performance.now() - begunAt)
      }
    },
    running: () => running,
    waiting: () => waiting
  }
}
