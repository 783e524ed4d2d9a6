/** Virtual time of start-time fair queueing, in milliseconds of slots held. */
export interface SlotTime {
  /** A task waits, whose owner is busy from now on. */
  readonly join: (owner: string) => void
  /** It waits no more, ... */
  readonly leave: (owner: string) => void
  /** ... or holds a slot instead, ... */
  readonly begin: (owner: string) => void
  /** ... and then none. */
  readonly end: (owner: string) => void
  readonly heldBy: (owner: string) => number
  /** An owner who comes back after a pause starts a little before the busy one who has used least, whatever was before. */
  readonly usedBy: (owner: string) => number
  /** Whether the owner has used less than the busy one who has used least, as after a pause. */
  readonly isLight: (owner: string) => boolean
}

interface Account {
  waiting: number
  held: number
  /** At `at`. */
  used: number
  at: number
}

/** An owner is light until this much is used after a pause. */
const CREDIT_MS = 1_000
/** And what was used before it beyond the others counts up to this. */
const DEBT_MS = 60_000

export function createSlotTime (now: () => number): SlotTime {
  const accounts = new Map<string, Account>()
  /** What the busy one has used who has used least; it never goes back. */
  let leastUsed = 0

  const isBusy = ({ waiting, held }: Account): boolean => waiting > 0 || held > 0
  const usedOf = ({ used, held, at }: Account): number => used + held * (now() - at)

  /** Forgets who would start where a newcomer does, and everything when nobody is busy. */
  function advance (): void {
    let least = Infinity
    for (const account of accounts.values()) if (isBusy(account)) least = Math.min(least, usedOf(account))
    if (least === Infinity) {
      accounts.clear()
      leastUsed = 0
      return
    }
    leastUsed = Math.max(leastUsed, least)
    for (const [owner, account] of accounts) {
      if (!isBusy(account) && account.used <= leastUsed - CREDIT_MS) accounts.delete(owner)
    }
  }

  function change (owner: string, { waiting = 0, held = 0 }: { waiting?: number, held?: number }): void {
    const account = accounts.get(owner)
    if (account === undefined) return
    account.used = usedOf(account)
    account.at = now()
    account.waiting += waiting
    account.held += held
    advance()
  }

  return {
    join (owner) {
      const known = accounts.get(owner)
      if (known === undefined || !isBusy(known)) {
        advance()
        const used = Math.min(Math.max(known?.used ?? -Infinity, leastUsed - CREDIT_MS), leastUsed + DEBT_MS)
        accounts.set(owner, { waiting: 0, held: 0, used, at: now() })
      }
      change(owner, { waiting: 1 })
    },
    leave: (owner) => change(owner, { waiting: -1 }),
    begin: (owner) => change(owner, { waiting: -1, held: 1 }),
    end: (owner) => change(owner, { held: -1 }),
    heldBy: (owner) => accounts.get(owner)?.held ?? 0,
    usedBy (owner) {
      const account = accounts.get(owner)
      return account === undefined ? 0 : usedOf(account)
    },
    isLight (owner) {
      const account = accounts.get(owner)
      return account !== undefined && usedOf(account) < leastUsed
    }
  }
}
