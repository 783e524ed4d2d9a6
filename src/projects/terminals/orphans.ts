import type { Liveness } from '../../db/liveness.ts'
import type { TerminalReport } from '../../sandbox/project-terminal.ts'

export interface OrphanSweepOptions {
  readonly look: Liveness['look']
  /** The running containers of all projects, whatever server has started them. */
  readonly listContainers: () => Promise<readonly string[]>
  readonly listTerminals: (containerId: string) => Promise<readonly TerminalReport[]>
  readonly endTerminals: (containerId: string, ids: readonly string[]) => Promise<void>
  readonly log: { readonly info: (fields: object, message: string) => void, readonly warn: (fields: object, message: string) => void }
}

/** A server that loses its connection to the database for a moment only seems dead. */
const CONFIRM_MS = 5_000
// For a server that came and went between two looks.
const ANYWAY_MS = 600_000

/**
 * One look for shells that nobody can reach any more, because their server has died. A look at who lives is cheap, and may
 * be taken every second; only when a server has come or gone is every container asked, and later once more.
 */
export function createOrphanSweep ({ look, listContainers, listTerminals, endTerminals, log }: OrphanSweepOptions): () => Promise<void> {
  let lastFingerprint: string | undefined
  let suspectedSince = new Map<string, number>()
  let nextAt = 0

  /** Ends who is an orphan for long enough, and returns the others. */
  async function sweepContainer (containerId: string, isAlive: (serverId: string) => boolean): Promise<string[]> {
    const orphans = (await listTerminals(containerId)).filter(({ serverId }) => !isAlive(serverId)).map(({ id }) => id)
    const hasBeenLong = (id: string): boolean => performance.now() - (suspectedSince.get(id) ?? Infinity) >= CONFIRM_MS
    const ending = orphans.filter(hasBeenLong)
    if (ending.length > 0) {
      await endTerminals(containerId, ending)
      log.info({ containerId, terminals: ending }, 'orphaned terminals ended')
    }
    return orphans.filter((id) => !hasBeenLong(id))
  }

  /** Returns whether it has to be done again soon. */
  async function sweep (isAlive: (serverId: string) => boolean): Promise<boolean> {
    const suspects = new Map<string, number>()
    let hasFailed = false
    for (const containerId of await listContainers()) {
      try {
        for (const id of await sweepContainer(containerId, isAlive)) suspects.set(id, suspectedSince.get(id) ?? performance.now())
      } catch (err) {
        log.warn({ err, containerId }, 'orphaned terminals could not be listed')
        hasFailed = true
      }
    }
    suspectedSince = suspects
    return hasFailed || suspects.size > 0
  }

  return async () => {
    const { fingerprint, has } = await look()
    if (fingerprint === lastFingerprint && performance.now() < nextAt) return
    const isUnfinished = await sweep(has)
    lastFingerprint = fingerprint
    nextAt = performance.now() + (isUnfinished ? CONFIRM_MS : ANYWAY_MS)
  }
}
