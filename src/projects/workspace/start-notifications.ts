import { createLoop, type Loop } from '../../lib/loop.ts'

export interface Awakenings extends Pick<Loop, 'tick' | 'start' | 'stop'> {
  /** Does the work with a signal that is aborted when the project runs. */
  readonly during: <T>(projectId: string, work: (signal: AbortSignal) => Promise<T>) => Promise<T>
}

/**
 * Tells those who wait on the files of a project at rest that it runs by now, whichever server has started it: what they
 * wait for is to be seen at the new place, and the old one costs a container.
 */
export function createAwakenings ({ findRunning, intervalMs, onError }: {
  findRunning: (projectIds: readonly string[]) => Promise<readonly string[]>
  intervalMs: number
  onError: (error: unknown) => void
}): Awakenings {
  const waiting = new Map<AbortController, string>()

  async function look (): Promise<void> {
    if (waiting.size === 0) return
    const running = new Set(await findRunning([...new Set(waiting.values())]))
    for (const [controller, projectId] of waiting) {
      if (running.has(projectId)) controller.abort(new Error('the project has started'))
    }
  }

  return {
    ...createLoop({ intervalMs, onError, work: look }),
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
