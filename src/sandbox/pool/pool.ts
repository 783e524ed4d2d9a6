import { setMaxListeners } from 'node:events'
import { createLoop } from '../../lib/loop.ts'
import { resetSandbox } from '../agent-client/operations.ts'
import type { Sandbox } from '../sandbox.ts'
import { createDemand } from './demand.ts'
import { planPool, type PoolPolicy, type SlotView } from './plan.ts'
import { createWaitingLine } from './waiting-line.ts'

const TICK_MS = 1_000
const RETRY_START_MS = 5_000
const RESET_DEADLINE_MS = 2_000
/** Most resets take a few milliseconds. */
const RESET_PATIENCE_MS = 50
const REFILL_DELAY_MS = 25
const DEMAND_HALF_LIFE_MS = 60_000

export class PoolClosedError extends Error {
  override readonly name = 'PoolClosedError'
}

export interface Claim {
  readonly sandbox: Sandbox
  /** Gives the sandbox back: it is reset for the same owner, or removed if it cannot be trusted with another run. */
  readonly release: (verdict: 'reusable' | 'discard') => void
}

export type CensusState = 'fresh' | 'owned' | 'busy' | 'resetting' | 'starting'

export interface Pool {
  /** A language that can be claimed from now on; `start` makes a fresh sandbox for it. */
  readonly addLanguage: (language: string, start: (signal: AbortSignal) => Promise<Sandbox>) => void
  /** An idle sandbox that has served the same owner or nobody, or one that is started for the purpose. */
  readonly claim: (language: string, owner: string | null, signal: AbortSignal) => Promise<Claim>
  /** How many sandboxes there are, by language and state; `fresh` has served nobody. */
  readonly census: () => Array<{ language: string, state: CensusState, count: number }>
  /** Whether this container is the pool's; what is not and has our labels is an orphan. */
  readonly has: (id: string) => boolean
  readonly isClosed: () => boolean
  readonly start: () => void
  /** Removes every sandbox, busy ones included. */
  readonly close: () => Promise<void>
}

export interface PoolLog {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
}

interface Slot extends SlotView {
  readonly sandbox: Sandbox
  owner: string | null
  state: SlotView['state']
  runs: number
  idleSinceMs: number
}

/** Warm sandboxes. What it does next is decided by planPool; here it is done. */
export function createPool ({ policy, reuse, log, now = Date.now }: {
  policy: PoolPolicy
  reuse: 'owner' | 'never'
  log: PoolLog
  now?: () => number
}): Pool {
  const starters = new Map<string, (signal: AbortSignal) => Promise<Sandbox>>()
  const slots = new Map<string, Slot>()
  const starting = new Map<string, number>()
  const notBeforeMs = new Map<string, number>()
  const line = createWaitingLine<Slot>()
  const demand = createDemand(DEMAND_HALF_LIFE_MS)
  const work = new Set<Promise<void>>()
  const closing = new AbortController()
  // As many listen as sandboxes are being started.
  setMaxListeners(0, closing.signal)
  let refilling: NodeJS.Timeout | undefined
  const loop = createLoop({
    intervalMs: TICK_MS,
    work: async () => applyPlan(),
    onError: (err) => log.warn({ err }, 'pool round failed')
  })

  /** Work in the background that close waits for. */
  function track (task: Promise<void>): void {
    work.add(task)
    void task.finally(() => work.delete(task))
  }

  /** At once for those who wait; a replacement may wait, lest its start takes the CPU from the run that it replaces. */
  function planSoon (): void {
    if (line.view().length > 0) setImmediate(applyPlan)
    refilling ??= setTimeout(() => {
      refilling = undefined
      applyPlan()
    }, REFILL_DELAY_MS)
  }

  function applyPlan (): void {
    if (closing.signal.aborted) return
    const plan = planPool({
      nowMs: now(),
      languages: [...starters.keys()],
      slots: [...slots.values()],
      waiters: line.view(),
      starting,
      notBeforeMs,
      demand: demand.view(now())
    }, policy)
    for (const id of plan.retire) discard(id)
    for (const language of plan.start) track(startOne(language))
  }

  async function startOne (language: string): Promise<void> {
    const start = starters.get(language)
    if (start === undefined) return
    starting.set(language, (starting.get(language) ?? 0) + 1)
    try {
      const sandbox = await start(closing.signal)
      starting.set(language, (starting.get(language) ?? 1) - 1)
      notBeforeMs.delete(language)
      admit(language, sandbox)
    } catch (err) {
      starting.set(language, (starting.get(language) ?? 1) - 1)
      if (closing.signal.aborted) return
      log.warn({ err, language }, 'sandbox did not start')
      notBeforeMs.set(language, now() + RETRY_START_MS)
      line.fail(language, err)
    }
  }

  function admit (language: string, sandbox: Sandbox): void {
    const slot: Slot = {
      id: sandbox.id, sandbox, language, owner: null, state: 'idle', runs: 0, createdAtMs: now(), idleSinceMs: now()
    }
    slots.set(slot.id, slot)
    void sandbox.agent.lost.then(() => {
      if (slots.has(slot.id) && slot.state !== 'busy') discard(slot.id)
    })
    if (closing.signal.aborted) discard(slot.id)
    else serve(slot)
  }

  /** Hands an idle sandbox to whoever may have it, the longest waiting first. */
  function serve (slot: Slot): void {
    const next = line.next(slot)
    if (next === undefined) return
    take(slot, next.owner)
    next.give()
  }

  function take (slot: Slot, owner: string | null): Slot {
    slot.state = 'busy'
    slot.owner = owner
    return slot
  }

  function takeIdle (language: string, owner: string | null): Slot | undefined {
    const own: Slot[] = []
    let fresh: Slot | undefined
    let ownOnTheirWay = -line.countOf(language, owner)
    for (const slot of slots.values()) {
      if (slot.language !== language) continue
      if (slot.state === 'resetting' && slot.owner === owner) ownOnTheirWay++
      if (slot.state !== 'idle') continue
      if (slot.owner === owner) own.push(slot)
      else if (slot.owner === null) fresh = slot
    }
    const newest = own.sort((a, b) => b.idleSinceMs - a.idleSinceMs)[0]
    // A reset takes a millisecond, the start of another fresh sandbox two hundred.
    const slot = newest ?? (ownOnTheirWay > 0 ? undefined : fresh)
    return slot === undefined ? undefined : take(slot, owner)
  }

  async function joinLine (language: string, owner: string | null, signal: AbortSignal): Promise<Slot> {
    const waiting = line.wait(language, owner, signal)
    planSoon()
    // A reset that is waited for may be slow, and a fresh one idle.
    const patience = setTimeout(() => serveFromIdle(language), RESET_PATIENCE_MS)
    try {
      return await waiting
    } finally {
      clearTimeout(patience)
    }
  }

  /** Whoever waits for a reset that does not come takes what is idle instead. */
  function serveFromIdle (language: string): void {
    for (const slot of slots.values()) {
      if (slot.language === language && slot.state === 'idle') serve(slot)
    }
  }

  function release (slot: Slot, verdict: 'reusable' | 'discard'): void {
    const isFresh = slot.owner === null
    if (!isFresh) slot.runs++
    if (verdict === 'discard' || closing.signal.aborted || (reuse === 'never' && !isFresh) || slot.runs >= policy.maxRuns) {
      discard(slot.id)
      return
    }
    slot.state = 'resetting'
    track(reset(slot))
  }

  async function reset (slot: Slot): Promise<void> {
    const deadline = setTimeout(() => slot.sandbox.agent.close(), RESET_DEADLINE_MS)
    try {
      await resetSandbox(slot.sandbox.agent)
    } catch (err) {
      if (!closing.signal.aborted) log.warn({ err, sandboxId: slot.id, language: slot.language }, 'sandbox could not be reset')
      discard(slot.id)
      serveFromIdle(slot.language)
      return
    } finally {
      clearTimeout(deadline)
    }
    slot.state = 'idle'
    slot.idleSinceMs = now()
    serve(slot)
    planSoon()
  }

  function discard (id: string): void {
    const slot = slots.get(id)
    if (slot === undefined) return
    slots.delete(id)
    track(slot.sandbox.remove().catch((err: unknown) => {
      log.warn({ err, sandboxId: id }, 'sandbox could not be removed, the sweep will')
    }))
    planSoon()
  }

  return {
    addLanguage (language, start) {
      starters.set(language, start)
      applyPlan()
    },
    async claim (language, owner, signal) {
      signal.throwIfAborted()
      if (closing.signal.aborted) throw new PoolClosedError('the pool is closed')
      const idle = takeIdle(language, owner)
      if (owner !== null) demand.record(language, idle === undefined || idle.runs === 0, now())
      const slot = idle ?? await joinLine(language, owner, signal)
      planSoon()
      let isReleased = false
      return {
        sandbox: slot.sandbox,
        release (verdict) {
          if (isReleased) return
          isReleased = true
          release(slot, verdict)
        }
      }
    },
    census () {
      const counts = new Map<string, { language: string, state: CensusState, count: number }>()
      const count = (language: string, state: CensusState, by: number): void => {
        const key = `${language} ${state}`
        counts.set(key, { language, state, count: (counts.get(key)?.count ?? 0) + by })
      }
      for (const language of starters.keys()) {
        count(language, 'fresh', 0)
        count(language, 'starting', starting.get(language) ?? 0)
      }
      for (const { language, state, owner } of slots.values()) {
        count(language, state !== 'idle' ? state : owner === null ? 'fresh' : 'owned', 1)
      }
      return [...counts.values()]
    },
    has: (id) => slots.has(id),
    isClosed: () => closing.signal.aborted,
    start: loop.start,
    async close () {
      closing.abort(new PoolClosedError('the pool is closed'))
      clearTimeout(refilling)
      line.failAll(closing.signal.reason)
      await loop.stop()
      for (const id of [...slots.keys()]) discard(id)
      while (work.size > 0) await Promise.all(work)
    }
  }
}
