/** Names, each for a time of its own. When there are `capacity` of them, the oldest goes. */
export function createExpiringSet (capacity: number, now: () => number = () => performance.now()) {
  const ends = new Map<string, number>()
  return {
    add (name: string, lifetimeMs: number): void {
      const oldest = ends.keys().next()
      if (ends.size >= capacity && oldest.done === false) ends.delete(oldest.value)
      ends.delete(name)
      ends.set(name, now() + lifetimeMs)
    },
    /** How long it is still in; 0 or less if it is not. */
    leftMs (name: string): number {
      const left = (ends.get(name) ?? 0) - now()
      if (left <= 0) ends.delete(name)
      return left
    }
  }
}
