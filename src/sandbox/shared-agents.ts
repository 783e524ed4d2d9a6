import type { AgentConnection } from './agent-client/connection.ts'
import { watchLiveness } from './agent-client/liveness.ts'

/** One agent for each key, such as a container, opened when somebody needs it and closed when nobody has for a while. */
export interface SharedAgents {
  /** The agent stays open at least until the work is done; one that dies, or does not answer any more, is opened anew for the next. */
  readonly use: <T>(key: string, work: (agent: AgentConnection) => Promise<T>) => Promise<T>
  readonly close: () => void
}

interface Entry {
  readonly opening: Promise<AgentConnection>
  users: number
  idle: NodeJS.Timeout | undefined
}

export function createSharedAgents ({ open, idleMs, pingMs }: {
  open: (key: string) => Promise<AgentConnection>
  idleMs: number
  /** How often an agent with work is asked for a sign of life. */
  pingMs?: number
}): SharedAgents {
  const entries = new Map<string, Entry>()
  let isClosed = false

  function forget (key: string, entry: Entry): void {
    clearTimeout(entry.idle)
    if (entries.get(key) === entry) entries.delete(key)
  }

  function hangUp (key: string, entry: Entry): void {
    forget(key, entry)
    entry.opening.then((agent) => agent.close(), () => undefined)
  }

  function openEntry (key: string): Entry {
    const entry: Entry = { opening: open(key), users: 0, idle: undefined }
    entries.set(key, entry)
    void entry.opening.then(async (agent) => {
      watchLiveness(agent, pingMs)
      await agent.lost
    }, () => undefined).then(() => forget(key, entry))
    return entry
  }

  return {
    async use (key, work) {
      if (isClosed) throw new Error('the server is stopping')
      const entry = entries.get(key) ?? openEntry(key)
      clearTimeout(entry.idle)
      entry.users++
      try {
        return await work(await entry.opening)
      } finally {
        entry.users--
        if (entry.users === 0) entry.idle = setTimeout(() => hangUp(key, entry), idleMs).unref()
      }
    },
    close () {
      isClosed = true
      for (const [key, entry] of entries) hangUp(key, entry)
    }
  }
}
