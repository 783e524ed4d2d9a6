import { coalesce } from '../../../lib/coalesce.ts'
import { createLoop } from '../../../lib/loop.ts'
import type { SnapshotRepo } from './repo.ts'

const ROUND_MS = 60_000
const BATCH = 100

export interface SnapshotSweep {
  /** One round that begins now, or when the one under way has ended. */
  readonly sweep: () => Promise<void>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

/** Removes the objects of snapshots that were deleted, with or without their project, or that a dead server has not finished. */
export function createSnapshotSweep ({ repo, removeObject, log }: {
  repo: Pick<SnapshotRepo, 'discardAbandoned' | 'listGarbage' | 'forget'>
  removeObject: (key: string) => Promise<void>
  log: { warn: (fields: object, message: string) => void }
}): SnapshotSweep {
  let isStopping = false
  let last = Promise.resolve()
  const begin = coalesce(async () => {
    await repo.discardAbandoned()
    for (let garbage = await repo.listGarbage(BATCH); garbage.length > 0; garbage = await repo.listGarbage(BATCH)) {
      for (const { id, unneeded } of garbage) {
        if (isStopping) return
        for (const objectKey of unneeded) await removeObject(objectKey)
        await repo.forget(id)
      }
    }
  })
  const sweep = async (): Promise<void> => {
    if (isStopping) return
    last = begin()
    await last
  }
  const loop = createLoop({ intervalMs: ROUND_MS, work: sweep, onError: (err) => log.warn({ err }, 'objects of deleted snapshots could not be removed; tried again later') })

  return {
    sweep,
    start: loop.start,
    async stop () {
      isStopping = true
      await loop.stop()
      await last.catch(() => undefined)
    }
  }
}
