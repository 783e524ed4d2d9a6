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
  let suspects = new Set<string>()
  let nextAt = 0

  async function sweepContainer (containerId: string, isAlive: (serverId: string) => boolean): Promise<string[]> {
    const orphans = (await listTerminals(containerId)).filter(({ serverId }) => !isAlive(serverId)).map(({ id }) => id)
    const ending = orphans.filter((id) => suspects.has(id))
    if (ending.length > 0) {
      await endTerminals(containerId, ending)
      log.info({ containerId, terminals: ending }, 'orphaned terminals ended')
    }
    return orphans.filter((id) => !suspects.has(id))
  }

  async function sweep (isAlive: (serverId: string) => boolean): Promise<Set<string>> {
    const found = new Set<string>()
    for (const containerId of await listContainers()) {
      try {
        for (const id of await sweepContainer(containerId, isAlive)) found.add(id)
      } catch (err) {
        // It may have ended meanwhile; if not, what is in there ends with it.
        log.warn({ err, containerId }, 'orphaned terminals could not be looked for')
      }
    }
    return found
  }

  return async () => {
    const { fingerprint, has } = await look()
    const isConfirming = suspects.size > 0
    const isDue = performance.now() >= nextAt
    if (isConfirming ? !isDue : fingerprint === lastFingerprint && !isDue) return
    suspects = await sweep(has)
    lastFingerprint = fingerprint
    nextAt = performance.now() + (suspects.size > 0 ? CONFIRM_MS : ANYWAY_MS)
  }
}
