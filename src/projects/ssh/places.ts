/** So many at once, and of those so many of one. */
export interface Places {
  /** Returns how to leave; undefined where there is no place. */
  readonly take: (owner: string) => (() => void) | undefined
}

export function createPlaces ({ most, perOwner }: { most: number, perOwner: number }): Places {
  const counts = new Map<string, number>()
  let taken = 0
  return {
    take (owner) {
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
