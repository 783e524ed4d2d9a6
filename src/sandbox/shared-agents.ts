import type { AgentConnection } from './agent-client/connection.ts'
import { watchLiveness } from './agent-client/liveness.ts'

/** One agent for each container, opened when somebody needs it and closed when nobody has for a while. */
export interface SharedAgents {
  /** The agent stays open at least until the work is done; one that dies, or does not answer any more, is opened anew for the next. */
  readonly use: <T>(containerId: string, work: (agent: AgentConnection) => Promise<T>) => Promise<T>
  readonly close: () => void
}

interface Entry {
  readonly opening: Promise<AgentConnection>
  users: number
  idle: NodeJS.Timeout | undefined
}

export function createSharedAgents ({ open, idleMs, pingMs }: {
  open: (containerId: string) => Promise<AgentConnection>
  idleMs: number
  /** How often an agent with work is asked for a sign of life. */
  pingMs?: number
}): SharedAgents {
  const entries = new Map<string, Entry>()
  let isClosed = false

  function forget (containerId: string, entry: Entry): void {
    clearTimeout(entry.idle)
    if (entries.get(containerId) === entry) entries.delete(containerId)
  }

  function hangUp (containerId: string, entry: Entry): void {
    forget(containerId, entry)
    entry.opening.then((agent) => agent.close(), () => undefined)
  }

  function openEntry (containerId: string): Entry {
    const entry: Entry = { opening: open(containerId), users: 0, idle: undefined }
    entries.set(containerId, entry)
    void entry.opening.then(async (agent) => {
      watchLiveness(agent, pingMs)
      await agent.lost
    }, () => undefined).then(() => forget(containerId, entry))
    return entry
  }

  return {
    async use (containerId, work) {
      if (isClosed) throw new Error('the server is stopping')
      const entry = entries.get(containerId) ?? openEntry(containerId)
      clearTimeout(entry.idle)
      entry.users++
      try {
        return await work(await entry.opening)
      } finally {
        entry.users--
        if (entry.users === 0) entry.idle = setTimeout(() => hangUp(containerId, entry), idleMs).unref()
      }
    },
    close () {
      isClosed = true
      for (const [containerId, entry] of entries) hangUp(containerId, entry)
    }
  }
}
