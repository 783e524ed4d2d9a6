import type { LanguageDemand } from './demand.ts'

export interface SlotView {
  readonly id: string
  readonly language: string
  /** Null while it has served nobody. */
  readonly owner: string | null
  readonly state: 'idle' | 'busy' | 'resetting'
  readonly runs: number
  readonly createdAtMs: number
  readonly idleSinceMs: number
}

export interface WaiterView {
  readonly language: string
  readonly owner: string | null
}

export interface PoolSnapshot {
  readonly nowMs: number
  readonly languages: readonly string[]
  readonly slots: readonly SlotView[]
  readonly waiters: readonly WaiterView[]
  /** Sandboxes being started, by language. */
  readonly starting: ReadonlyMap<string, number>
  /** Languages whose last start failed: they are not refilled before this time. */
  readonly notBeforeMs: ReadonlyMap<string, number>
  readonly demand: ReadonlyMap<string, LanguageDemand>
}

export interface PoolPolicy {
  /** Fresh sandboxes kept waiting for a language that nobody asks for. */
  readonly warmPerLanguage: number
  /** The same for one that everybody asks for. */
  readonly maxWarmPerLanguage: number
  /** Idle sandboxes altogether, fresh ones and such as are kept for an owner: the memory budget. */
  readonly maxIdle: number
  /** Of them, those kept for the owner they have served. */
  readonly maxIdleOwned: number
  readonly maxOwnedIdleMs: number
  readonly maxRuns: number
  readonly maxAgeMs: number
  /** Starts at once that nobody waits for. */
  readonly maxRefills: number
}

export interface PoolPlan {
  /** A language for each sandbox to start, those that somebody waits for first. */
  readonly start: readonly string[]
  readonly retire: readonly string[]
}

// Warm sandboxes are to last as long as it takes to start others in their place, on a busy machine.
const LEAD_SECONDS = 1

/** What the pool does next. */
export function planPool (snapshot: PoolSnapshot, policy: PoolPolicy): PoolPlan {
  const worn = snapshot.slots.filter((slot) => slot.state === 'idle' && isWorn(slot, snapshot, policy))
  const idle = snapshot.slots.filter((slot) => slot.state === 'idle' && !worn.includes(slot))
  const owned = idle.filter((slot) => slot.owner !== null).sort((a, b) => b.idleSinceMs - a.idleSinceMs)
  const keptOwned = owned.slice(0, Math.min(policy.maxIdleOwned, policy.maxIdle))
  const targets = planTargets(snapshot, policy, policy.maxIdle - keptOwned.length)
  const surplusFresh = snapshot.languages.flatMap((language) => idle
    .filter((slot) => slot.language === language && slot.owner === null)
    .slice(targets.get(language) ?? 0))
  const retired = new Set([...worn, ...owned.slice(keptOwned.length), ...surplusFresh].map((slot) => slot.id))
  return { start: planStarts(snapshot, policy, targets, retired), retire: [...retired] }
}

function isWorn (slot: SlotView, { nowMs, languages }: PoolSnapshot, policy: PoolPolicy): boolean {
  return slot.runs >= policy.maxRuns ||
    nowMs - slot.createdAtMs >= policy.maxAgeMs ||
    (slot.owner !== null && nowMs - slot.idleSinceMs >= policy.maxOwnedIdleMs) ||
    !languages.includes(slot.language)
}

/** How many fresh sandboxes each language is to have: one each as far as the budget goes, then more by demand, the last used first. */
function planTargets ({ languages, demand }: PoolSnapshot, policy: PoolPolicy, budget: number): Map<string, number> {
  const lastUsed = (language: string): number => demand.get(language)?.lastUsedMs ?? -1
  const inOrder = [...languages].sort((a, b) => lastUsed(b) - lastUsed(a))
  const wanted = (language: string): number => {
    const byDemand = Math.round((demand.get(language)?.freshPerSecond ?? 0) * LEAD_SECONDS)
    return Math.max(policy.warmPerLanguage, Math.min(byDemand, policy.maxWarmPerLanguage))
  }
  const targets = new Map<string, number>()
  let left = Math.max(budget, 0)
  const grant = (language: string, count: number): void => {
    const granted = Math.min(count, left)
    targets.set(language, (targets.get(language) ?? 0) + granted)
    left -= granted
  }
  for (const language of inOrder) grant(language, Math.min(wanted(language), 1))
  for (const language of inOrder) grant(language, Math.max(wanted(language) - 1, 0))
  return targets
}

function planStarts (snapshot: PoolSnapshot, policy: PoolPolicy, targets: ReadonlyMap<string, number>, retired: ReadonlySet<string>): string[] {
  const needed: string[] = []
  const refills: string[] = []
  let refillsUnderWay = 0
  for (const language of snapshot.languages) {
    const starting = snapshot.starting.get(language) ?? 0
    const uncovered = countUncovered(snapshot, language)
    for (let i = starting; i < uncovered; i++) needed.push(language)
    const spare = Math.max(starting - uncovered, 0)
    refillsUnderWay += spare
    if ((snapshot.notBeforeMs.get(language) ?? 0) > snapshot.nowMs) continue
    // Whoever claims for nobody gives the sandbox back as fresh as it was.
    const fresh = snapshot.slots.filter((slot) => slot.language === language && slot.owner === null && !retired.has(slot.id)).length +
      snapshot.waiters.filter((waiter) => waiter.language === language && waiter.owner === null).length
    for (let i = fresh + spare; i < (targets.get(language) ?? 0); i++) refills.push(language)
  }
  return [...needed, ...refills.slice(0, Math.max(policy.maxRefills - refillsUnderWay, 0))]
}

/** Waiters of a language for whom no sandbox of their own is being reset: each needs one to be started. */
function countUncovered (snapshot: PoolSnapshot, language: string): number {
  const resetting = snapshot.slots.filter((slot) => slot.language === language && slot.state === 'resetting')
    .map((slot) => slot.owner)
  let uncovered = 0
  for (const waiter of snapshot.waiters) {
    if (waiter.language !== language) continue
    const index = resetting.indexOf(waiter.owner)
    if (index >= 0) resetting.splice(index, 1)
    else uncovered++
  }
  return uncovered
}
