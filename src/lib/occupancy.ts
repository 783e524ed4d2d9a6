export interface Occupancy {
  readonly begin: (owner: string) => void
  readonly end: (owner: string) => void
  /** Places that the owner holds now. */
  readonly heldBy: (owner: string) => number
  /** Places that the owner has held lately: a mean over time in which what is `halfLifeMs` ago counts half. */
  readonly averageOf: (owner: string) => number
}

interface Holder {
  held: number
  average: number
  at: number
}

const FORGOTTEN_BELOW = 0.001
const SWEEP_EVERY = 1_000

/** Who holds how many places, and who has held how many: long tasks weigh more than short ones, as they should. */
export function createOccupancy (halfLifeMs: number, now: () => number): Occupancy {
  const holders = new Map<string, Holder>()
  let changes = 0

  function advance (holder: Holder): Holder {
    const at = now()
    const kept = 2 ** ((holder.at - at) / halfLifeMs)
    holder.average = holder.average * kept + holder.held * (1 - kept)
    holder.at = at
    return holder
  }

  function change (owner: string, by: number): void {
    const holder = holders.get(owner) ?? { held: 0, average: 0, at: now() }
    holders.set(owner, holder)
    advance(holder).held += by
    if (++changes % SWEEP_EVERY === 0) forgetOld()
  }

  function forgetOld (): void {
    for (const [owner, holder] of holders) {
      if (holder.held === 0 && advance(holder).average < FORGOTTEN_BELOW) holders.delete(owner)
    }
  }

  return {
    begin: (owner) => change(owner, 1),
    end: (owner) => change(owner, -1),
    heldBy: (owner) => holders.get(owner)?.held ?? 0,
    averageOf (owner) {
      const holder = holders.get(owner)
      return holder === undefined ? 0 : advance(holder).average
    }
  }
}
