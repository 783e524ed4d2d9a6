import { Readable } from 'node:stream'
import type { CallScope } from './call-scope.ts'
import { DockerError } from './errors.ts'

export type UploadSource = Readable | AsyncIterable<Uint8Array>

/** A request body whose call's deadline runs only while the Engine is at turn: a slow producer is not the Engine's fault. */
export function createUpload (operation: string, source: UploadSource, scope: CallScope): Readable {
  async function * timed (): AsyncGenerator<Uint8Array> {
    scope.stopDeadline()
    for await (const chunk of blamed()) {
      scope.startDeadline()
      yield chunk
      scope.stopDeadline()
    }
    scope.startDeadline()
  }

  // Apart from `timed`, because an error of the connection is thrown into that one, at its yield.
  async function * blamed (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source as AsyncIterable<Uint8Array>) yield chunk
    } catch (cause) {
      const error = new DockerError({ code: 'aborted', operation, message: `reading the request body failed: ${String(cause)}`, cause })
      scope.abort(error)
      throw error
    }
  }

  return Readable.from(timed(), { objectMode: false })
}
