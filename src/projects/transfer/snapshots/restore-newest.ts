import { errors } from '../../../errors.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import type { Change } from '../../lifecycle/volumes/change.ts'
import type { VolumeLease } from '../../lifecycle/volumes/exclusive.ts'
import type { SnapshotRepo } from './repo.ts'
import type { SnapshotStore } from './store.ts'
import { unpackSnapshot } from './unpack-snapshot.ts'

/**
 * Fills a volume with the newest snapshot that is what was stored: an older state is better than none. False if there is
 * no such snapshot. While the storage is away, nothing is begun with less than there may be.
 */
export async function restoreNewest ({ repo, store, change, onDamaged }: {
  repo: SnapshotRepo
  store: SnapshotStore
  change: (change: Change) => Promise<void>
  onDamaged: (snapshotId: string) => void
}, agent: AgentConnection, lease: VolumeLease): Promise<boolean> {
  const { subject: { projectId }, signal } = lease
  for (const snapshot of await repo.listAll(projectId)) {
    try {
      await change({ agent, lease, mode: 'replace', unpack: async (directory) => await unpackSnapshot({ store, agent, signal }, snapshot, directory) })
      return true
    } catch (error) {
      if (!(error instanceof errors.SNAPSHOT_DAMAGED)) throw error
      onDamaged(snapshot.id)
    }
  }
  return false
}
