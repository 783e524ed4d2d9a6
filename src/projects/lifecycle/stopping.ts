import { setMaxListeners } from 'node:events'

export type Stopping = ReturnType<typeof createStopping>

const STOPPED = 'the project has stopped'
const MOST_REMEMBERED = 1_000

/** Tells what runs in projects' containers on this server that they are about to end, or have ended. */
export function createStopping () {
  // By container, not by project: news of one that has ended may come when the next one runs already.
  const controllers = new Map<string, AbortController>()
  const listeners = new Set<(projectId: string) => void>()

  // Whoever asks late about one of these must not wait for it: a container that has ended never runs again.
  const lately = new Set<string>()

  function remember (containerId: string): void {
    lately.add(containerId)
    const [oldest] = lately
    if (lately.size > MOST_REMEMBERED && oldest !== undefined) lately.delete(oldest)
  }

  function abort (containerId: string, reason: string): void {
    controllers.get(containerId)?.abort(new Error(reason))
    controllers.delete(containerId)
  }

  return {
    /** Aborted before this server ends the container, after anybody else has, and when this server closes. */
    signal: (containerId: string): AbortSignal => {
      if (lately.has(containerId)) return AbortSignal.abort(new Error(STOPPED))
      const controller = controllers.get(containerId) ?? new AbortController()
      // As many listen as there are things done in the container at once.
      setMaxListeners(0, controller.signal)
      controllers.set(containerId, controller)
      return controller.signal
    },
    announce: (containerId: string): void => abort(containerId, 'the project is being stopped'),
    ended: (projectId: string, containerId: string): void => {
      abort(containerId, STOPPED)
      remember(containerId)
      for (const listener of listeners) listener(projectId)
    },
    /** Called with a project whose container has ended, whoever ended it. Returns how to stop listening. */
    onStopped: (listener: (projectId: string) => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: (): void => {
      for (const containerId of [...controllers.keys()]) abort(containerId, 'the server is stopping')
    }
  }
}
