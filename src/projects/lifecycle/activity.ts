import { createLoop } from '../../lib/loop.ts'

export interface Activity {
  /** Something was done in the project just now. Cheap enough for every byte: the database hears of it in batches. */
  readonly touch: (projectId: string) => void
  /** The project counts as active until the returned function is called. */
  readonly hold: (projectId: string) => () => void
  /** Milliseconds since it was last active as far as this server knows; undefined if the database knows better. */
  readonly ageMs: (projectId: string) => number | undefined
  readonly flush: () => Promise<void>
  readonly start: () => void
  /** Writes what is left. */
  readonly stop: () => Promise<void>
}

export function createActivity ({ record, flushMs, onError, now = () => performance.now() }: {
  record: (agesMs: ReadonlyMap<string, number>) => Promise<void>
  flushMs: number
  onError: (error: unknown) => void
  now?: () => number
}): Activity {
  const touchedAt = new Map<string, number>()
  const holds = new Map<string, number>()

  function touch (projectId: string): void {
    touchedAt.set(projectId, now())
  }

  async function flush (): Promise<void> {
    for (const projectId of holds.keys()) touch(projectId)
    const batch = new Map(touchedAt)
    const at = now()
    await record(new Map([...batch].map(([projectId, touched]) => [projectId, at - touched])))
    // What was touched again meanwhile is for the next batch; what could not be written is kept.
    for (const [projectId, touched] of batch) {
      if (touchedAt.get(projectId) === touched) touchedAt.delete(projectId)
    }
  }

  const loop = createLoop({ intervalMs: flushMs, work: flush, onError })

  return {
    touch,
    hold (projectId) {
      touch(projectId)
      holds.set(projectId, (holds.get(projectId) ?? 0) + 1)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        touch(projectId)
        const left = (holds.get(projectId) ?? 1) - 1
        if (left === 0) holds.delete(projectId)
        else holds.set(projectId, left)
      }
    },
    ageMs (projectId) {
      if (holds.has(projectId)) return 0
      const touched = touchedAt.get(projectId)
      return touched === undefined ? undefined : now() - touched
    },
    flush,
    start: loop.start,
    async stop () {
      await loop.stop()
      await loop.tick()
    }
  }
}
