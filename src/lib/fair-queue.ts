import { createDeferred, type Deferred } from './deferred.ts'

export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
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

/** At most `concurrency` tasks at once, at most `capacity` waiting. */
export function createFairQueue ({ concurrency, capacity }: { concurrency: number, capacity: number }): FairQueue {
  // A Map iterates in order of insertion: an owner who has been served goes to the back by delete and set.
  const turns = new Map<string, Deferred<void>[]>()
  let running = 0
  let waiting = 0

  function grantNext (): void {
    const next = turns.entries().next()
    if (next.done === true) return
    const [owner, line] = next.value
    const place = line.shift()
    turns.delete(owner)
    if (line.length > 0) turns.set(owner, line)
    if (place === undefined) return
    waiting--
    running++
    place.resolve()
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

  async function enter (owner: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (running < concurrency) {
      running++
      return
    }
    if (waiting >= capacity) throw new QueueFullError('too many tasks are waiting')
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
      try {
        return await task()
      } finally {
        running--
        grantNext()
      }
    },
    running: () => running,
    waiting: () => waiting
  }
}
