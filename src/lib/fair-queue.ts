import { createDeferred, type Deferred } from './deferred.ts'
import { createOccupancy } from './occupancy.ts'

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
   * Runs the task when a place is free; the owner who has held fewest places lately goes first, so that one with a
   * thousand tasks waiting does not delay another's first. When more than `capacity` tasks wait, the newest of the owner
   * with most of them is rejected with QueueFullError. An aborted signal takes a task that has not begun out again, and
   * rejects with its reason. The task is told how many places its owner has held lately, on average.
   */
  readonly run: <T>(owner: string, task: (heldLately: number) => Promise<T>, signal?: AbortSignal) => Promise<T>
  readonly running: () => number
  readonly waiting: () => number
}

export interface FairQueueOptions {
  /** Tasks at once. */
  readonly concurrency: number
  /** Tasks at once of one owner: below `concurrency`, so that long tasks of one leave room for the others. */
  readonly perOwner: number
  /** Of the places, those kept free for owners who have hardly held any lately; half of them for such as hold one briefly. */
  readonly reserved?: number
  /** Tasks that may wait. */
  readonly capacity: number
  readonly now?: () => number
}

const MAX_RETRY_AFTER_SECONDS = 60
const DURATION_WEIGHT = 0.05
const HALF_LIFE_MS = 10_000
/** Whoever has held fewer places than this on average may have the reserved ones. */
const LIGHT_BELOW = 0.25
/** With others who hold fewer than this together, there is nobody to keep places for. */
const ALONE_BELOW = 0.02
/** Whoever holds a place longer than this each time would make the last one that is left worth nothing to others. */
const BRIEF_BELOW_MS = 100

export function createFairQueue ({ concurrency, perOwner, reserved = 0, capacity, now = () => performance.now() }: FairQueueOptions): FairQueue {
  const lines = new Map<string, Deferred<void>[]>()
  const occupancy = createOccupancy(HALF_LIFE_MS, now)
  let running = 0
  let waiting = 0
  let meanDurationMs = 0

  function mayRun (owner: string): boolean {
    return running < placesFor(owner) && occupancy.heldBy(owner) < perOwner
  }

  function placesFor (owner: string): number {
    if (occupancy.averageOf(owner) >= LIGHT_BELOW) {
      return occupancy.averageOfOthers(owner) < ALONE_BELOW ? concurrency : concurrency - reserved
    }
    return occupancy.durationOf(owner) < BRIEF_BELOW_MS ? concurrency : concurrency - Math.floor(reserved / 2)
  }

  function nextOwner (): string | undefined {
    let next: string | undefined
    let least = Infinity
    for (const owner of lines.keys()) {
      const average = occupancy.averageOf(owner)
      if (average >= least || !mayRun(owner)) continue
      next = owner
      least = average
    }
    return next
  }

  function grant (): void {
    for (let owner = nextOwner(); owner !== undefined; owner = nextOwner()) {
      const line = lines.get(owner) ?? []
      const place = line.shift()
      // To the back of the map: among owners who have held as much, the one served last goes last.
      lines.delete(owner)
      if (line.length > 0) lines.set(owner, line)
      waiting--
      running++
      occupancy.begin(owner)
      place?.resolve()
    }
  }

  function finish (owner: string, durationMs: number): void {
    running--
    occupancy.end(owner, durationMs)
    meanDurationMs += (durationMs - meanDurationMs) * (meanDurationMs === 0 ? 1 : DURATION_WEIGHT)
    grant()
  }

  function join (owner: string, place: Deferred<void>): void {
    const line = lines.get(owner)
    if (line === undefined) lines.set(owner, [place])
    else line.push(place)
    waiting++
  }

  function leave (owner: string, place: Deferred<void>, reason: unknown): void {
    const line = lines.get(owner)
    const index = line?.indexOf(place) ?? -1
    if (line === undefined || index < 0) return
    line.splice(index, 1)
    if (line.length === 0) lines.delete(owner)
    waiting--
    place.reject(reason)
  }

  /** First come would let whoever comes first take all the room there is to wait. */
  function turnAway (newcomer: string): void {
    let victim = newcomer
    for (const [owner, line] of lines) {
      if (line.length > (lines.get(victim)?.length ?? 0)) victim = owner
    }
    const newest = lines.get(victim)?.at(-1)
    if (newest !== undefined) leave(victim, newest, new QueueFullError(retryAfterSeconds(capacity)))
  }

  function retryAfterSeconds (ahead: number): number {
    const seconds = Math.ceil(ahead * meanDurationMs / concurrency / 1000)
    return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS)
  }

  async function enter (owner: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    const place = createDeferred<void>()
    join(owner, place)
    grant()
    if (waiting > capacity) turnAway(owner)
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
      const begunAt = now()
      try {
        return await task(occupancy.averageOf(owner))
      } finally {
        finish(owner, now() - begunAt)
      }
    },
    running: () => running,
    waiting: () => waiting
  }
}
