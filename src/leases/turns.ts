/** Wakes those who wait for their turn at a project as soon as this server has finished with it; another server's end is found by looking. */
export function createTurns () {
  const waiting = new Map<string, Set<() => void>>()
  return {
    async waitForChange (projectId: string, mostMs: number): Promise<void> {
      await new Promise<void>((resolve) => {
        const waiters = waiting.get(projectId) ?? new Set()
        waiting.set(projectId, waiters)
        const wake = (): void => {
          clearTimeout(timer)
          waiters.delete(wake)
          if (waiters.size === 0) waiting.delete(projectId)
          resolve()
        }
        const timer = setTimeout(wake, mostMs)
        waiters.add(wake)
      })
    },
    changed (projectId: string): void {
      for (const wake of [...waiting.get(projectId) ?? []]) wake()
    }
  }
}
