import { errors } from '../../../errors.ts'
import type { SnapshotRepo } from './repo.ts'

/** Bytes of snapshots, as they are stored. */
export interface SnapshotSizes {
  readonly ownerBytes: number
  readonly allBytes: number
}

const BATCH = 20

/** Sees to it that snapshots stay within their limits: the owner's automatic ones make room, the oldest first. */
export function createSnapshotRoom ({ repo, sizes, onDiscarded }: {
  repo: Pick<SnapshotRepo, 'usageFor' | 'listEvictable' | 'discard'>
  sizes: SnapshotSizes
  onDiscarded: () => void
}) {
  async function measure (owner: string) {
    const { ofOwner, ofAll, ownersMost } = await repo.usageFor(owner)
    return { own: (ownersMost ?? sizes.ownerBytes) - ofOwner, all: sizes.allBytes - ofAll }
  }

  return {
    /** How large one more may become. Throws SNAPSHOTS_FULL or SNAPSHOT_STORE_FULL where there is no room for so many bytes. */
    make: async (owner: string, bytes: number): Promise<number> => {
      for (;;) {
        const { own, all } = await measure(owner)
        if (Math.min(own, all) >= bytes) return Math.min(own, all)
        const evicted = await repo.listEvictable(owner, BATCH)
        if (evicted.length === 0) throw own < bytes ? new errors.SNAPSHOTS_FULL() : new errors.SNAPSHOT_STORE_FULL()
        for (const { id, projectId } of evicted) await repo.discard(projectId, id)
        onDiscarded()
      }
    }
  }
}
