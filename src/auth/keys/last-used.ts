import { createLoop } from '../../lib/loop.ts'

export interface LastUsed {
  readonly note: (keyId: string) => void
  readonly start: () => void
  readonly stop: () => Promise<void>
}

const INTERVAL_MS = 5_000

/** When each key was last used, written now and then. What cannot be written is kept for the next time. */
export function createLastUsed ({ write, onError }: { write: (uses: ReadonlyMap<string, Date>) => Promise<void>, onError: (error: unknown) => void }): LastUsed {
  let uses = new Map<string, Date>()

  async function flush (): Promise<void> {
    if (uses.size === 0) return
    const taken = uses
    uses = new Map()
    await write(taken).catch((error: unknown) => {
      uses = new Map([...taken, ...uses])
      throw error
    })
  }

  const loop = createLoop({ intervalMs: INTERVAL_MS, onError, work: flush })
  return {
    note: (keyId) => void uses.set(keyId, new Date()),
    start: loop.start,
    async stop () {
      await loop.stop()
      await flush().catch(onError)
    }
  }
}
