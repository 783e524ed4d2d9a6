import { createDeferred, type Deferred } from './deferred.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { createSlotTime } from './slot-time.ts'

export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
  /** When a slot is likely to be free, from how long tasks have taken. */
  readonly retryAfterSeconds: number

  constructor (retryAfterSeconds: number) {
    super('too many tasks are waiting')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Start-time fair queueing by slot time used: whoever has used least goes first, so that one with a thousand tasks waiting
 * does not delay another's first. No owner holds more than `perOwner` slots at once. Beyond `concurrency`, `burst` more
 * slots are for light owners, one each: those who have used less than everybody who is busy.
 */
export interface FairQueue {
  /**
   * Runs the task when a slot is free. When more than `capacity` tasks wait, the newest of the owner with most of them is
   * rejected with QueueFullError, and so is that of the owner with most bytes where those are too many. An aborted signal
   * takes a task that has not begun out again, and rejects with its reason. The task is told whether its owner is light.
   */
  readonly run: <T>(owner: string, task: (isLight: boolean) => Promise<T>, signal?: AbortSignal, weight?: TaskWeight) => Promise<T>
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
  /** Tasks at once beyond `concurrency`, of light owners who have no other. */
  readonly burst?: number
  /** Tasks that may wait. */
  readonly capacity: number
  /** And what they may keep in memory together. */
  readonly capacityBytes?: number
  /** A task begins when it has what it needs of it; those that need less may go first. */
  readonly memory?: MemoryBudget
  readonly now?: () => number
}

interface Waiter extends TaskWeight {
  readonly slot: Deferred<boolean>
}

const NO_WEIGHT: TaskWeight = { waitingBytes: 0, memoryBytes: 0 }
const MAX_RETRY_AFTER_SECONDS = 60
const DURATION_WEIGHT = 0.05

export function createFairQueue ({ concurrency, perOwner, burst = 0, capacity, capacityBytes = Infinity, memory, now = () => performance.now() }: FairQueueOptions): FairQueue {
  const lines = new Map<string, Waiter[]>()
  const slotTime = createSlotTime(now)
  let running = 0
  let waiting = 0
  let bytesWaiting = 0
  let meanDurationMs = 0

  // What others have released may be what somebody here waits for.
  memory?.onRelease(grant)

  function mayRun (owner: string): boolean {
    const held = slotTime.heldBy(owner)
    if (running < concurrency) return held < perOwner
    return running < concurrency + burst && held === 0 && slotTime.isLight(owner)
  }

  /** Those whose next task does not fit into the memory that is left are passed over. */
  function nextOwner (passedOver: ReadonlySet<string>): string | undefined {
    let next: string | undefined
    let least = Infinity
    for (const owner of lines.keys()) {
      const used = slotTime.usedBy(owner)
      if (used >= least || passedOver.has(owner) || !mayRun(owner)) continue
      next = owner
      least = used
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
      // To the back of the map: among owners who have used as much, the one served last goes last.
      lines.delete(owner)
      if (line.length > 0) lines.set(owner, line)
      first.slot.resolve(slotTime.isLight(owner))
      slotTime.begin(owner)
      leaveRoom(first)
      running++
    }
  }

  function leaveRoom ({ waitingBytes }: Waiter): void {
    waiting--
    bytesWaiting -= waitingBytes
  }

  function finish (owner: string, { memoryBytes }: TaskWeight, durationMs: number): void {
    running--
    slotTime.end(owner)
    memory?.release(memoryBytes)
    meanDurationMs += (durationMs - meanDurationMs) * (meanDurationMs === 0 ? 1 : DURATION_WEIGHT)
    grant()
  }

  function join (owner: string, waiter: Waiter): void {
    const line = lines.get(owner)
    if (line === undefined) lines.set(owner, [waiter])
    else line.push(waiter)
    slotTime.join(owner)
    waiting++
    bytesWaiting += waiter.waitingBytes
  }

  function leave (owner: string, waiter: Waiter, reason: unknown): void {
    const line = lines.get(owner)
    const index = line?.indexOf(waiter) ?? -1
    if (line === undefined || index < 0) return
    line.splice(index, 1)
    if (line.length === 0) lines.delete(owner)
    slotTime.leave(owner)
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

  async function enter (owner: string, signal: AbortSignal | undefined, weight: TaskWeight): Promise<boolean> {
    signal?.throwIfAborted()
    const waiter: Waiter = { ...weight, slot: createDeferred<boolean>() }
    join(owner, waiter)
    grant()
    if (waiting > capacity) rejectNewestOf(owner, lengthOf)
    while (hasTooManyBytes()) rejectNewestOf(owner, bytesOf)
    const onAbort = (): void => leave(owner, waiter, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await waiter.slot.promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  return {
    async run (owner, task, signal, weight = NO_WEIGHT) {
      const isLight = await enter(owner, signal, weight)
      const begunAt = now()
      try {
        return await task(isLight)
      } finally {
        finish(owner, weight, now() - begunAt)
      }
    },
    running: () => running,
    waiting: () => waiting
  }
}
