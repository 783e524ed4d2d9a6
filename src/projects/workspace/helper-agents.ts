import { errors } from '../../errors.ts'
import type { AttachedSandbox } from '../../sandbox/attached-sandbox.ts'
import { createSharedAgents, type SharedAgents } from '../../sandbox/shared-agents.ts'

export interface HelperAgents extends SharedAgents {
  /** Resolves when all containers are gone, after `close`. */
  readonly closed: () => Promise<void>
}

/** Of one server; each has a container of its own, and watches keep theirs. */
const MOST = 128

/** Agents of stopped projects, each in a helper container, which is removed when nobody has used it for a while. */
export function createHelperAgents ({ start, idleMs, onError, most = MOST }: {
  start: (projectId: string) => Promise<AttachedSandbox>
  idleMs: number
  /** A container that cannot be removed is left to the sweep. */
  onError: (error: unknown, containerId: string) => void
  /** Containers at once; one more is refused with FILES_BUSY. */
  most?: number
}): HelperAgents {
  const living = new Set<Promise<void>>()
  const underWay = new Set<Promise<AttachedSandbox>>()

  /** Closing the connection ends the agent; what is left of the container is removed, however it ended. */
  async function removeAfter ({ id, agent, remove }: AttachedSandbox): Promise<void> {
    await agent.lost
    await remove().catch((error: unknown) => onError(error, id))
  }

  const agents = createSharedAgents({
    idleMs,
    async open (projectId) {
      if (living.size + underWay.size >= most) throw new errors.FILES_BUSY()
      const starting = start(projectId)
      underWay.add(starting)
      try {
        const sandbox = await starting
        const life = removeAfter(sandbox)
        living.add(life)
        void life.then(() => living.delete(life))
        return sandbox.agent
      } finally {
        underWay.delete(starting)
      }
    }
  })

  return {
    ...agents,
    async closed () {
      await Promise.allSettled(underWay)
      await Promise.all(living)
    }
  }
}
