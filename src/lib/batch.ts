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
 * items; beyond that the oldest are dropped. Items that are refused together are written one by one, and only those that
 * can never be written are dropped. `onDrop` is told how many.
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
    while (items.length > 0) await writeAll(items.splice(0, size))
  }

  async function writeAll (taken: readonly T[]): Promise<void> {
    try {
      await write(taken)
    } catch (error) {
      if (isTemporary(error)) {
        items = [...taken, ...items]
        trim()
        throw error
      }
      if (taken.length > 1) return await writeEach(taken)
      onError(error)
      onDrop(1)
    }
  }

  async function writeEach (taken: readonly T[]): Promise<void> {
    for (const [index, item] of taken.entries()) {
      try {
        await writeAll([item])
      } catch (error) {
        items = [...items, ...taken.slice(index + 1)]
        trim()
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
