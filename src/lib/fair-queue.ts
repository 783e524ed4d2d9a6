import { createDeferred, type Deferred } from './deferred.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { createOccupancy } from './occupancy.ts'

export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
  /** When a slot is likely to be free, from how long tasks have taken. */
  readonly retryAfterSeconds: number

  constructor (retryAfterSeconds: number) {
    super('too many tasks are waiting')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface FairQueue {
  /**
   * Runs the task when a slot is free; the owner who has held fewest slots lately goes first, so that one with a
   * thousand tasks waiting does not delay another's first. When more than `capacity` tasks wait, the newest of the owner
   * with most of them is rejected with QueueFullError, and so is that of the owner with most bytes where those are too many.
   * An aborted signal takes a task that has not begun out again, and rejects with its reason. The task is told how many
   * slots its owner has held lately, on average.
   */
  readonly run: <T>(owner: string, task: (heldLately: number) => Promise<T>, signal?: AbortSignal, weight?: TaskWeight) => Promise<T>
  readonly running: () => number
  readonly waiting: () => number
}

export interface TaskWeight {
  /** What it keeps in memory while it waits. */
  readonly waitingBytes: number
  /** What it acquires of the memory budget while it runs. */
  readonly memoryBytes: number
}

export interface FairQueueOptions {
  /** Tasks at once. */
  readonly concurrency: number
  /** Tasks at once of one owner: below `concurrency`, so that long tasks of one leave room for the others. */
  readonly perOwner: number
  /** Of the slots, those kept free for owners who have hardly held any lately; half of them for such as hold one briefly. */
  readonly reserved?: number
  /** Of the free slots an owner takes no more than leaves as many for others: for tasks that hold theirs for long. */
  readonly leavesHalf?: boolean
  /** Tasks that may wait. */
  readonly capacity: number
  /** And what they may keep in memory together. */
  readonly capacityBytes?: number
  /** A task begins when it has what it needs of it; those that need less may go first. */
  readonly memory?: MemoryBudget
  readonly now?: () => number
}

interface Waiter extends TaskWeight {
  readonly slot: Deferred<void>
}

const NO_WEIGHT: TaskWeight = { waitingBytes: 0, memoryBytes: 0 }
const MAX_RETRY_AFTER_SECONDS = 60
const DURATION_WEIGHT = 0.05
const HALF_LIFE_MS = 10_000
/** Whoever has held fewer slots than this on average may have the reserved ones. */
const LIGHT_BELOW = 0.25
/** With others who hold fewer than this together, there is nobody to keep slots for. */
const ALONE_BELOW = 0.02
/** Whoever holds a slot longer than this each time would make the last one that is left worth nothing to others. */
const BRIEF_BELOW_MS = 100

export function createFairQueue ({ concurrency, perOwner, reserved = 0, leavesHalf = false, capacity, capacityBytes = Infinity, memory, now = () => performance.now() }: FairQueueOptions): FairQueue {
  const lines = new Map<string, Waiter[]>()
  const occupancy = createOccupancy(HALF_LIFE_MS, now)
  let running = 0
  let waiting = 0
  let bytesWaiting = 0
  let meanDurationMs = 0

  // What others have released may be what somebody here waits for.
  memory?.onRelease(grant)

  function mayRun (owner: string): boolean {
    const held = occupancy.heldBy(owner)
    return running < slotsFor(owner) && held < perOwner && (!leavesHalf || held < concurrency - running)
  }

  function slotsFor (owner: string): number {
    if (occupancy.averageOf(owner) >= LIGHT_BELOW) {
      return occupancy.averageOfOthers(owner) < ALONE_BELOW ? concurrency : concurrency - reserved
    }
    return occupancy.durationOf(owner) < BRIEF_BELOW_MS ? concurrency : concurrency - Math.floor(reserved / 2)
  }

  /** Those whose next task does not fit into the memory that is left are passed over. */
  function nextOwner (passedOver: ReadonlySet<string>): string | undefined {
    let next: string | undefined
    let least = Infinity
    for (const owner of lines.keys()) {
      const average = occupancy.averageOf(owner)
      if (average >= least || passedOver.has(owner) || !mayRun(owner)) continue
      next = owner
      least = average
    }
    return next
  }

  function grant (): void {
    const passedOver = new Set<string>()
    for (let owner = nextOwner(passedOver); owner !== undefined; owner = nextOwner(passedOver)) {
      const line = lines.get(owner) ?? []
      const [first] = line
      if (first === undefined || memory?.acquire(first.memoryBytes) === false) {
        passedOver.add(owner)
        continue
      }
      line.shift()
      // To the back of the map: among owners who have held as much, the one served last goes last.
      lines.delete(owner)
      if (line.length > 0) lines.set(owner, line)
      leaveRoom(first)
      running++
      occupancy.begin(owner)
      first.slot.resolve()
    }
  }

  function leaveRoom ({ waitingBytes }: Waiter): void {
    waiting--
    bytesWaiting -= waitingBytes
  }

  function finish (owner: string, { memoryBytes }: TaskWeight, durationMs: number): void {
    running--
    occupancy.end(owner, durationMs)
    memory?.release(memoryBytes)
    meanDurationMs += (durationMs - meanDurationMs) * (meanDurationMs === 0 ? 1 : DURATION_WEIGHT)
    grant()
  }

  function join (owner: string, waiter: Waiter): void {
    const line = lines.get(owner)
    if (line === undefined) lines.set(owner, [waiter])
    else line.push(waiter)
    waiting++
    bytesWaiting += waiter.waitingBytes
  }

  function leave (owner: string, waiter: Waiter, reason: unknown): void {
    const line = lines.get(owner)
    const index = line?.indexOf(waiter) ?? -1
    if (line === undefined || index < 0) return
    line.splice(index, 1)
    if (line.length === 0) lines.delete(owner)
    leaveRoom(waiter)
    waiter.slot.reject(reason)
  }

  const hasTooManyBytes = (): boolean => bytesWaiting > capacityBytes
  const lengthOf = (line: readonly Waiter[]): number => line.length
  const bytesOf = (line: readonly Waiter[]): number => line.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0)

  /** First come would let whoever comes first take all the room there is to wait. */
  function rejectNewestOf (newcomer: string, sizeOf: (line: readonly Waiter[]) => number): void {
    let victim = newcomer
    let most = sizeOf(lines.get(newcomer) ?? [])
    for (const [owner, line] of lines) {
      const size = sizeOf(line)
      if (size <= most) continue
      victim = owner
      most = size
    }
    const newest = lines.get(victim)?.at(-1)
    if (newest !== undefined) leave(victim, newest, new QueueFullError(retryAfterSeconds(capacity)))
  }

  function retryAfterSeconds (ahead: number): number {
    const seconds = Math.ceil(ahead * meanDurationMs / concurrency / 1000)
    return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS)
  }

  async function enter (owner: string, signal: AbortSignal | undefined, weight: TaskWeight): Promise<void> {
    signal?.throwIfAborted()
    const waiter: Waiter = { ...weight, slot: createDeferred<void>() }
    join(owner, waiter)
    grant()
    if (waiting > capacity) rejectNewestOf(owner, lengthOf)
    while (hasTooManyBytes()) rejectNewestOf(owner, bytesOf)
    const onAbort = (): void => leave(owner, waiter, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await waiter.slot.promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  return {
    async run (owner, task, signal, weight = NO_WEIGHT) {
      await enter(owner, signal, weight)
      const begunAt = now()
      try {
        return await task(occupancy.averageOf(owner))
      } finally {
        finish(owner, weight, now() - begunAt)
      }
    },
    running: () => running,
    waiting: () => waiting
  }
}
