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

/**
 * One look for shells that nobody can reach any more, because their server has died. Whoever is found twice in a row is
 * ended: a server that loses its connection to the database for a moment only seems dead.
 */
export function createOrphanSweep ({ look, listContainers, listTerminals, endTerminals, log }: OrphanSweepOptions): () => Promise<void> {
  let lastFingerprint: string | undefined
  let suspects = new Set<string>()

  async function sweepContainer (containerId: string, isAlive: (serverId: string) => boolean): Promise<string[]> {
    const orphans = (await listTerminals(containerId)).filter(({ serverId }) => !isAlive(serverId)).map(({ id }) => id)
    const ending = orphans.filter((id) => suspects.has(id))
    if (ending.length > 0) {
      await endTerminals(containerId, ending)
      log.info({ containerId, terminals: ending }, 'orphaned terminals ended')
    }
    return orphans.filter((id) => !suspects.has(id))
  }

  return async () => {
    const living = await look()
    // Shells lose their server only when one goes: no reason to ask in every container all the time.
    if (living.fingerprint === lastFingerprint && suspects.size === 0) return
    const found = new Set<string>()
    for (const containerId of await listContainers()) {
      try {
        for (const id of await sweepContainer(containerId, living.has)) found.add(id)
      } catch (err) {
        // It may have ended meanwhile; if not, what is in there ends with it.
        log.warn({ err, containerId }, 'orphaned terminals could not be looked for')
      }
    }
    suspects = found
    lastFingerprint = living.fingerprint
  }
}
