import { createLoop, type Loop } from '../../lib/loop.ts'

export interface Awakenings extends Pick<Loop, 'tick' | 'start' | 'stop'> {
  /** Aborted when the project runs. */
  readonly signal: (projectId: string) => AbortSignal
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
  const waiting = new Map<string, AbortController>()

  async function look (): Promise<void> {
    if (waiting.size === 0) return
    for (const projectId of await findRunning([...waiting.keys()])) {
      waiting.get(projectId)?.abort(new Error('the project has started'))
      waiting.delete(projectId)
    }
  }

  return {
    ...createLoop({ intervalMs, onError, work: look }),
    signal (projectId) {
      const controller = waiting.get(projectId) ?? new AbortController()
      waiting.set(projectId, controller)
      return controller.signal
    }
  }
}
