import type { TerminalReport } from '../../sandbox/project-terminal.ts'
import type { Entry } from './registry.ts'

export interface JobWatchOptions {
  /** After which a project without activity is stopped. */
  readonly idleMs: number
  readonly byContainer: () => ReadonlyArray<readonly [string, readonly Entry[]]>
  readonly listTerminals: (containerId: string) => Promise<readonly TerminalReport[]>
  readonly touch: (projectId: string) => void
  readonly onError: (error: unknown, containerId: string) => void
}

/**
 * One look for projects that only seem idle: a job in the foreground of a shell works without printing anything. Asked in
 * the container, which costs an exec, so only where no byte has gone for half of the time that is left to be idle.
 */
export function createJobWatch ({ idleMs, byContainer, listTerminals, touch, onError }: JobWatchOptions): () => Promise<void> {
  return async () => {
    for (const [containerId, entries] of byContainer()) {
      const isQuiet = entries.every(({ terminal }) => terminal.quietMs() > idleMs / 2)
      const [first] = entries
      if (!isQuiet || first === undefined) continue
      try {
        const own = new Set(entries.map(({ terminal }) => terminal.id))
        const reports = await listTerminals(containerId)
        if (reports.some(({ id, isBusy }) => isBusy && own.has(id))) touch(first.projectId)
      } catch (error) {
        onError(error, containerId)
      }
    }
  }
}
