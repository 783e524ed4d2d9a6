export interface MemoryBudget {
  readonly totalBytes: number
  readonly usedBytes: () => number
  /** False, and nothing taken, when less is left. What is more than all there is fits only alone. */
  readonly acquire: (bytes: number) => boolean
  /** As much as was acquired. */
  readonly release: (bytes: number) => void
  /** Called after each release. Returns how to unsubscribe. */
  readonly onRelease: (listener: () => void) => () => void
}

/**
 * Memory of the host that may be promised at once. Whatever starts a container or a program acquires its memory limit
 * first, whether it will use it or not: otherwise the kernel chooses who has to go.
 */
export function createMemoryBudget (totalBytes: number): MemoryBudget {
  const listeners = new Set<() => void>()
  let used = 0
  return {
    totalBytes,
    usedBytes: () => used,
    acquire (bytes) {
      if (used > 0 && used + bytes > totalBytes) return false
      used += bytes
      return true
    },
    release (bytes) {
      used -= bytes
      for (const listener of [...listeners]) listener()
    },
    onRelease (listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}
