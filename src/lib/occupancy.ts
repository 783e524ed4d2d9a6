export interface Occupancy {
  readonly begin: (owner: string) => void
  /** After so long. */
  readonly end: (owner: string, durationMs: number) => void
  /** Slots that the owner holds now. */
  readonly heldBy: (owner: string) => number
  /** Slots that the owner has held lately: a mean over time in which what is `halfLifeMs` ago counts half. */
  readonly averageOf: (owner: string) => number
  /** The same of everybody else together. */
  readonly averageOfOthers: (owner: string) => number
  /** How long the owner has held a slot each time, on average, the last ones counting most; 0 for who is new. */
  readonly durationOf: (owner: string) => number
}

interface Holder {
  held: number
  average: number
  durationMs: number | undefined
  at: number
}

const DURATION_WEIGHT = 0.3
const FORGOTTEN_BELOW = 0.001
const SWEEP_EVERY = 1_000

/** Who holds how many slots, and who has held how many: long tasks weigh more than short ones, as they should. */
export function createOccupancy (halfLifeMs: number, now: () => number): Occupancy {
  const holders = new Map<string, Holder>()
  const all: Holder = { held: 0, average: 0, durationMs: undefined, at: now() }
  let changes = 0

  function advance (holder: Holder): Holder {
    const at = now()
    const kept = 2 ** ((holder.at - at) / halfLifeMs)
    holder.average = holder.average * kept + holder.held * (1 - kept)
    holder.at = at
    return holder
  }

  function change (owner: string, by: number): Holder {
    const holder = holders.get(owner) ?? { held: 0, average: 0, durationMs: undefined, at: now() }
    holders.set(owner, holder)
    advance(holder).held += by
    advance(all).held += by
    if (++changes % SWEEP_EVERY === 0) forgetOld()
    return holder
  }

  function forgetOld (): void {
    for (const [owner, holder] of holders) {
      if (holder.held === 0 && advance(holder).average < FORGOTTEN_BELOW) holders.delete(owner)
    }
  }

  function averageOf (owner: string): number {
    const holder = holders.get(owner)
    return holder === undefined ? 0 : advance(holder).average
  }

  return {
    begin: (owner) => void change(owner, 1),
    end (owner, durationMs) {
      const holder = change(owner, -1)
      const before = holder.durationMs ?? durationMs
      holder.durationMs = before + (durationMs - before) * DURATION_WEIGHT
    },
    heldBy: (owner) => holders.get(owner)?.held ?? 0,
    averageOf,
    averageOfOthers: (owner) => advance(all).average - averageOf(owner),
    durationOf: (owner) => holders.get(owner)?.durationMs ?? 0
  }
}
