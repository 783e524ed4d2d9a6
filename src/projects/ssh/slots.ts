/** So many at once, and of those so many of one. */
export interface Slots {
  /** Returns its release; undefined where none is free. */
  readonly acquire: (owner: string) => (() => void) | undefined
}

export function createSlots ({ most, perOwner }: { most: number, perOwner: number }): Slots {
  const counts = new Map<string, number>()
  let taken = 0
  return {
    acquire (owner) {
      const count = counts.get(owner) ?? 0
      if (taken >= most || count >= perOwner) return undefined
      taken++
      counts.set(owner, count + 1)
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        taken--
        const left = (counts.get(owner) ?? 1) - 1
        if (left === 0) counts.delete(owner)
        else counts.set(owner, left)
      }
    }
  }
}
