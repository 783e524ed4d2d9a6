import type { PublishedEvent } from './event.ts'

export interface KeptEvent extends Pick<PublishedEvent, 'type' | 'data'> {
  readonly audience: ReadonlySet<string>
  /** For administrators who ask for what is everybody's. */
  readonly isOfProject: boolean
}

export type EventRing = ReturnType<typeof createEventRing>

/**
 * The newest events of this server. Who follows them has a position and nothing else: whoever is too slow finds that what
 * comes next is not kept any more.
 */
export function createEventRing ({ serverId, capacity }: {
  /** Of this start of the server: the positions of another say nothing. */
  serverId: string
  capacity: number
}) {
  const kept: KeptEvent[] = []
  /** Position of the oldest that is kept. */
  let start = 0
  /** Nothing from before it can be gone on from: something was missed there. */
  let gap = 0
  const waiting = new Set<() => void>()

  function wake (): void {
    for (const resolve of [...waiting]) resolve()
  }

  const end = (): number => start + kept.length

  return {
    add (event: KeptEvent): void {
      kept.push(event)
      if (kept.length > capacity) {
        kept.shift()
        start++
      }
      wake()
    },
    /** Events may have been missed: nobody goes on from before. */
    interrupt (): void {
      start = end() + 1
      gap = start
      kept.length = 0
      wake()
    },
    end,
    /** The event there; undefined behind the newest, `missed` where it is not there any more, `gap` where some never came. */
    at (position: number): KeptEvent | 'missed' | 'gap' | undefined {
      if (position < gap) return 'gap'
      if (position < start) return 'missed'
      return kept[position - start]
    },
    /** Resolves when there is something new, or with the signal. */
    changed: async (signal: AbortSignal): Promise<void> => {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          waiting.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        waiting.add(done)
        signal.addEventListener('abort', done)
        if (signal.aborted) done()
      })
    },
    idOf: (position: number): string => `${serverId}:${position}`,
    /** Where it goes on behind an id; undefined for one that is gone, or of another server. */
    positionOf (id: string): number | undefined {
      const [, server, digits] = /^(.{1,64}):(\d{1,15})$/.exec(id) ?? []
      const position = Number(digits)
      return server === serverId && position >= start && position <= end() ? position : undefined
    }
  }
}
