import { Transform, type Readable } from 'node:stream'

/**
 * A file's bytes under a Content-Length. One that shrinks while it is read ends the connection: a client that waits for
 * the rest would wait for ever, and one that is given other bytes for it would never know.
 */
export function exactly (bytes: Readable, length: number): Readable {
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
  bytes.on('error', (error) => counted.destroy(error))
  return bytes.pipe(counted)
}
