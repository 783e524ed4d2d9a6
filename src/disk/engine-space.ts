import { readSpace } from '../sandbox/agent-client/trees.ts'
import type { FileSystemSpace } from '../sandbox/agent-protocol.ts'
import type { AttachedSandbox } from '../sandbox/attached-sandbox.ts'

export interface EngineSpace {
  /** Of the file system of the Engine's volumes, not older than so long; undefined while it cannot be told. */
  readonly read: (maxAgeMs?: number) => Promise<FileSystemSpace | undefined>
  readonly close: () => Promise<void>
}

const READ_DEADLINE_MS = 5_000
/** After a failure, such as of an Engine that is away or an image that is not built. */
const RETRY_MS = 10_000

/**
 * What the Engine's disk has left, asked in a sandbox there: the Engine may be on another machine, or this server in a
 * container. The sandbox is started when somebody asks for the first time, and kept.
 */
export function createEngineSpace ({ start, onError, now = () => performance.now() }: {
  start: (signal: AbortSignal) => Promise<AttachedSandbox>
  onError: (error: unknown) => void
  now?: () => number
}): EngineSpace {
  const closing = new AbortController()
  const discarded = new WeakSet<AttachedSandbox>()
  const removals = new Set<Promise<void>>()
  let opening: Promise<AttachedSandbox> | undefined
  let last: { readonly space: FileSystemSpace, readonly at: number } | undefined
  let reading: Promise<FileSystemSpace | undefined> | undefined
  let failedAt = -Infinity

  function open (): Promise<AttachedSandbox> {
    opening ??= start(closing.signal).then((sandbox) => {
      void sandbox.agent.lost.then(() => discard(sandbox))
      return sandbox
    })
    return opening
  }

  /** Once for each, however many notice that it is over; what cannot be removed now is swept. */
  function discard (sandbox: AttachedSandbox): void {
    opening = undefined
    if (discarded.has(sandbox)) return
    discarded.add(sandbox)
    const removal = sandbox.remove().catch(onError).finally(() => removals.delete(removal))
    removals.add(removal)
  }

  async function readNow (): Promise<FileSystemSpace | undefined> {
    if (closing.signal.aborted || now() - failedAt < RETRY_MS) return undefined
    try {
      const { agent } = await open()
      const space = await readSpace(agent, AbortSignal.timeout(READ_DEADLINE_MS))
      last = { space, at: now() }
      return space
    } catch (error) {
      failedAt = now()
      const failed = opening
      opening = undefined
      // One that does not answer is replaced by the next attempt.
      failed?.then(discard, () => undefined)
      if (!closing.signal.aborted) onError(error)
      return undefined
    }
  }

  return {
    async read (maxAgeMs = 0) {
      if (last !== undefined && now() - last.at <= maxAgeMs) return last.space
      reading ??= readNow().finally(() => { reading = undefined })
      return await reading
    },
    async close () {
      closing.abort(new Error('the server is stopping'))
      const sandbox = await opening?.catch(() => undefined)
      if (sandbox !== undefined) discard(sandbox)
      await Promise.all(removals)
    }
  }
}
