import { finished, Transform, type Readable } from 'node:stream'

/**
 * A file's bytes under a Content-Length. One that shrinks while it is read ends the connection: a client that waits for
 * the rest would wait for ever, and one that is given other bytes for it would never know. What the bytes end with is
 * passed on as `onFailure` describes it.
 */
export function exactly (bytes: Readable, length: number, onFailure: (error: Error) => Error): Readable {
  let left = length
  const counted = new Transform({
    transform (chunk: Buffer, _encoding, callback) {
      left -= chunk.length
      callback(null, chunk)
    },
    flush (callback) {
      callback(left === 0 ? null : new Error('the file shrank while it was read'))
    },
    destroy (error, callback) {
      bytes.destroy()
      callback(error)
    }
  })
  // Also when they have failed already: an event would be missed.
  finished(bytes, { writable: false }, (error) => {
    if (error != null && !counted.destroyed) counted.destroy(onFailure(error))
  })
  return bytes.pipe(counted)
}
