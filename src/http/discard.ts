import type { IncomingMessage } from 'node:http'
import { announcesBody } from './body-watch.ts'

const PATIENCE_MS = 10_000
const MOST_BYTES = 64 * 1024 ** 2

/** Whether the client has announced more than it has sent. */
export function owesBody (request: IncomingMessage): boolean {
  return announcesBody(request) && !request.complete && !request.destroyed
}

/**
 * Reads what a client still sends of a body that nobody wants any more. Many clients read no answer before they have sent
 * all; cut off, they would never see why. Resolves at the end of the body, or when it is more than can be waited for; the
 * rest is still read, until the body's watch ends it.
 */
export async function discardBody (request: IncomingMessage): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) {
    request.unpipe().resume()
    return
  }
  await new Promise<void>((resolve) => {
    let left = MOST_BYTES
    const timer = setTimeout(resolve, PATIENCE_MS)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    // Whoever was reading when it was refused may have left the stream paused behind it, unless somebody else listens.
    request.unpipe().on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) done()
    }).once('end', done).once('close', done).resume()
  })
}
