import type { AttachedSandbox } from '../../sandbox/attached-sandbox.ts'
import { createSharedAgents, type SharedAgents } from '../../sandbox/shared-agents.ts'

export interface RestingAgents extends SharedAgents {
  /** Whether the container is one that is in use here. */
  readonly has: (containerId: string) => boolean
  /** Resolves when all containers are gone, after `close`. */
  readonly closed: () => Promise<void>
}

/** Agents of projects at rest, each in a sandbox of its own, which goes when nobody has needed it for a while. */
export function createRestingAgents ({ start, idleMs, onError }: {
  start: (projectId: string) => Promise<AttachedSandbox>
  idleMs: number
  /** A container that cannot be removed is left to the sweep. */
  onError: (error: unknown, containerId: string) => void
}): RestingAgents {
  const living = new Map<string, Promise<void>>()
  const underWay = new Set<Promise<AttachedSandbox>>()

  /** Closing the connection ends the agent; what is left of the container goes, however it ended. */
  async function outlive ({ id, agent, remove }: AttachedSandbox): Promise<void> {
    await agent.lost
    await remove().catch((error: unknown) => onError(error, id))
    living.delete(id)
  }

  const agents = createSharedAgents({
    idleMs,
    async open (projectId) {
      const starting = start(projectId)
      underWay.add(starting)
      try {
        const sandbox = await starting
        living.set(sandbox.id, outlive(sandbox))
        return sandbox.agent
      } finally {
        underWay.delete(starting)
      }
    }
  })

  return {
    ...agents,
    has: (containerId) => living.has(containerId),
    async closed () {
      await Promise.allSettled(underWay)
      await Promise.all(living.values())
    }
  }
}
