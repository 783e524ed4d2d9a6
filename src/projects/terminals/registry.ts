import type { Connection } from './connection.ts'
import type { Terminal } from './terminal.ts'

export interface Entry {
  readonly terminal: Terminal
  readonly projectId: string
  readonly containerId: string
  readonly createdAt: Date
  readonly connections: Set<Connection>
}

/** The terminals of this server, by where they are. */
export function createRegistry () {
  const entries = new Map<string, Entry>()
  const select = (matches: (entry: Entry) => boolean): Entry[] => [...entries.values()].filter(matches)

  return {
    add: (entry: Entry): void => void entries.set(entry.terminal.id, entry),
    remove: ({ terminal }: Entry): void => void entries.delete(terminal.id),
    find: (id: string): Entry | undefined => entries.get(id),
    all: (): Entry[] => [...entries.values()],
    inProject: (projectId: string): Entry[] => select((entry) => entry.projectId === projectId),
    inContainer: (containerId: string): Entry[] => select((entry) => entry.containerId === containerId),
    byContainer: (): Array<[string, Entry[]]> => {
      const groups = new Map<string, Entry[]>()
      for (const entry of entries.values()) groups.set(entry.containerId, [...groups.get(entry.containerId) ?? [], entry])
      return [...groups]
    }
  }
}
