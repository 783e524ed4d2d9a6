import { createLoop, type Loop } from '../../lib/loop.ts'

export interface StartNotifications extends Pick<Loop, 'tick' | 'start' | 'stop'> {
  /** Does the work with a signal that is aborted when the project runs. */
  readonly during: <T>(projectId: string, work: (signal: AbortSignal) => Promise<T>) => Promise<T>
}

/**
 * Tells those who watch the files of a stopped project that it runs by now, whichever server has started it: changes are
 * to be seen in its container from then on, and a helper container costs memory.
 */
export function createStartNotifications ({ findRunning, intervalMs, onError }: {
  findRunning: (projectIds: readonly string[]) => Promise<readonly string[]>
  intervalMs: number
  onError: (error: unknown) => void
}): StartNotifications {
  const waiting = new Map<AbortController, string>()

  async function poll (): Promise<void> {
    if (waiting.size === 0) return
    const running = new Set(await findRunning([...new Set(waiting.values())]))
    for (const [controller, projectId] of waiting) {
      if (running.has(projectId)) controller.abort(new Error('the project has started'))
    }
  }

  return {
    ...createLoop({ intervalMs, onError, work: poll }),
    async during (projectId, work) {
      const controller = new AbortController()
      waiting.set(controller, projectId)
      try {
        return await work(controller.signal)
      } finally {
        waiting.delete(controller)
      }
    }
  }
}
