import type { Readable } from 'node:stream'
import { errors } from '../../../errors.ts'
import { createDeferred } from '../../../lib/deferred.ts'

/** Whoever sends less than this in that time, while somebody waits for it, does not send an archive but holds a slot. */
const LEAST_BYTES = 64 * 1024
const PATIENCE_MS = 30_000

/**
 * A request's body, as long as it comes and is not larger than it may be. Left open when it is refused in the middle:
 * destroying a request takes its connection along, and with it the answer.
 */
export async function * incoming (body: Readable, { mostBytes, patienceMs = PATIENCE_MS }: { mostBytes: number, patienceMs?: number }): AsyncGenerator<Buffer> {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  let received = 0
  let lately = 0
  let waitedMs = 0
  try {
    for (;;) {
      const since = performance.now()
      const next = await within(chunks.next(), patienceMs - waitedMs)
      if (next.done === true) return
      received += next.value.length
      if (received > mostBytes) throw new errors.ARCHIVE_TOO_LARGE(`it is larger than the ${mostBytes} bytes that there can be`)
      lately += next.value.length
      waitedMs += performance.now() - since
      if (lately >= LEAST_BYTES) [lately, waitedMs] = [0, 0]
      yield next.value
    }
  } finally {
    // Not waited for: it would end with the next chunk, which may never come.
    chunks.return?.().catch(() => undefined)
  }
}

async function within<T> (promise: Promise<T>, ms: number): Promise<T> {
  const late = createDeferred<never>()
  const timer = setTimeout(() => late.reject(new errors.BODY_STALLED()), Math.max(ms, 0))
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
