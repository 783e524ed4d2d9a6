import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { unpackMembers } from '../archives/unpack.ts'
import type { SnapshotRow } from './repo.ts'
import type { KnownObject, SnapshotStore } from './store.ts'

export interface Unpacking {
  readonly store: SnapshotStore
  readonly agent: AgentConnection
  readonly signal: AbortSignal
  readonly onProgress?: (() => void) | undefined
}

/**
 * Writes what a snapshot holds beneath an empty directory, which is not to be used before this has resolved. Of a
 * differential one the full one comes first. `mostBytes` is what the files of each may have together.
 */
export async function unpackSnapshot ({ store, agent, signal, onProgress }: Unpacking, snapshot: SnapshotRow, directory: string, mostBytes = Infinity): Promise<void> {
  for (const object of objectsOf(snapshot)) {
    await store.read(object, async (members) => await unpackMembers(agent, directory, members, { mostBytes, signal }), { signal, onProgress })
  }
}

function objectsOf ({ objectKey, size, checksum, baseObjectKey, baseSize, baseChecksum }: SnapshotRow): KnownObject[] {
  const own = { objectKey, size, checksum }
  return baseObjectKey === null || baseSize === null ? [own] : [{ objectKey: baseObjectKey, size: baseSize, checksum: baseChecksum }, own]
}
