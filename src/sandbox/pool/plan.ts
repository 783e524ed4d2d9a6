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
}

export interface PoolPolicy {
  /** Fresh sandboxes kept waiting for each language. */
  readonly warmPerLanguage: number
  /** Idle sandboxes kept for the owner they have served, over all languages. */
  readonly maxIdleOwned: number
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

/** What the pool does next. */
export function planPool (snapshot: PoolSnapshot, policy: PoolPolicy): PoolPlan {
  const retire = planRetirement(snapshot, policy)
  return { start: planStarts(snapshot, policy, new Set(retire)), retire }
}

function planRetirement (snapshot: PoolSnapshot, policy: PoolPolicy): string[] {
  const idle = snapshot.slots.filter((slot) => slot.state === 'idle')
  const worn = idle.filter((slot) => slot.runs >= policy.maxRuns ||
    snapshot.nowMs - slot.createdAtMs >= policy.maxAgeMs ||
    !snapshot.languages.includes(slot.language))
  const surplus = idle
    .filter((slot) => slot.owner !== null && !worn.includes(slot))
    .sort((a, b) => b.idleSinceMs - a.idleSinceMs)
    .slice(policy.maxIdleOwned)
  return [...worn, ...surplus, ...surplusFresh(snapshot, policy, idle, worn)].map((slot) => slot.id)
}

/** Started for somebody who left before it was ready. */
function surplusFresh (snapshot: PoolSnapshot, policy: PoolPolicy, idle: readonly SlotView[], worn: readonly SlotView[]): SlotView[] {
  return snapshot.languages.flatMap((language) => idle
    .filter((slot) => slot.language === language && slot.owner === null && !worn.includes(slot))
    .slice(policy.warmPerLanguage))
}

function planStarts (snapshot: PoolSnapshot, policy: PoolPolicy, retired: ReadonlySet<string>): string[] {
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
    for (let i = fresh + spare; i < policy.warmPerLanguage; i++) refills.push(language)
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
