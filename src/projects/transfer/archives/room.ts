import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Resolves when the stream takes more; rejects when it never will. */
export async function roomIn (stream: Writable): Promise<void> {
  if (stream.writableNeedDrain && !stream.destroyed) {
    const settled = new AbortController()
    const options = { signal: settled.signal }
    await Promise.race([once(stream, 'drain', options), once(stream, 'close', options)]).finally(() => settled.abort())
  }
  if (stream.destroyed) throw stream.errored ?? new Error('nobody reads the archive any more')
}
