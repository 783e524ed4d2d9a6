import { createLoop } from './loop.ts'

export interface Batch<T> {
  /** Never blocks and never throws. */
  readonly add: (item: T) => void
  readonly start: () => void
  /** Writes what is left, and ends. */
  readonly stop: () => Promise<void>
}

/**
 * Collects items and writes them together. What cannot be written for now is kept for the next round, up to `capacity`
 * items; beyond that the oldest are dropped, and so is what can never be written. `onDrop` is told how many.
 */
export function createBatch<T> ({ intervalMs, size, capacity, write, isTemporary, onError, onDrop }: {
  intervalMs: number
  size: number
  capacity: number
  write: (items: readonly T[]) => Promise<void>
  isTemporary: (error: unknown) => boolean
  onError: (error: unknown) => void
  onDrop: (count: number) => void
}): Batch<T> {
  let items: T[] = []

  function trim (): void {
    const excess = items.length - capacity
    if (excess <= 0) return
    items = items.slice(excess)
    onDrop(excess)
  }

  async function flush (): Promise<void> {
    while (items.length > 0) {
      const taken = items.splice(0, size)
      try {
        await write(taken)
      } catch (error) {
        if (isTemporary(error)) {
          items = [...taken, ...items]
          trim()
        } else {
          onDrop(taken.length)
        }
        throw error
      }
    }
  }

  const loop = createLoop({ intervalMs, onError, work: flush })
  return {
    add (item) {
      items.push(item)
      // A little more than capacity is taken before the array is copied, so that a flood costs no copy per item.
      if (items.length >= capacity + size) trim()
    },
    start: loop.start,
    async stop () {
      await loop.stop()
      await flush().catch(onError)
    }
  }
}
