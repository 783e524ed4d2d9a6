import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { errors } from '../../../errors.ts'
import type { Attributes } from '../../files/attributes.ts'
import type { FileService } from '../../files/service.ts'

export interface UploadOptions {
  readonly files: Pick<FileService, 'open' | 'write' | 'setAttributes'>
  readonly projectId: string
  readonly path: string
  /** Of what is there and shall stay, but for what is written over it. */
  readonly size: number
  /** Something else was there, which is to go also if nothing is written. */
  readonly isTruncated: boolean
  readonly isAppending: boolean
  /** Largest file. */
  readonly fileLimit: number
  /** Returns how to give the place up in which it is written. Throws FILES_BUSY. */
  readonly take: () => () => void
}

interface Stream {
  readonly input: PassThrough
  readonly written: Promise<{ readonly entry: { readonly size: number } }>
  position: number
}

const ZEROS = Buffer.alloc(64 * 1024)
/** Of what was there before, or was written before: whoever writes now here and now there has the file written anew each time. */
const MOST_COPIED_BYTES = 4 * 1024 ** 3
/** An open file that nobody writes to keeps no place. */
const STALLED_MS = 60_000

export type Upload = ReturnType<typeof createUpload>

/**
 * A file that is written at offsets, by way of writes that are whole or not at all: what is written in order is one of them, with
 * what was there before around it; going back ends it and begins another one. What is not committed is gone with the connection.
 */
export function createUpload ({ files, projectId, path, size: firstSize, isTruncated, isAppending, fileLimit, take }: UploadOptions) {
  let size = firstSize
  let isDirty = isTruncated
  let late: Attributes = {}
  let stream: Stream | undefined
  let copied = 0
  let stalled: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** One after the other, whoever asks. */
  async function inTurn<T> (work: () => Promise<T>): Promise<T> {
    clearTimeout(stalled)
    const done = turn.then(work)
    turn = done.catch(() => undefined).then(() => {
      if (stream !== undefined) stalled = setTimeout(() => void inTurn(commit).catch(() => undefined), STALLED_MS).unref()
    })
    return await done
  }

  function begin (): Stream {
    const release = take()
    const input = new PassThrough({ highWaterMark: 256 * 1024 })
    input.on('error', () => undefined)
    const written = files.write(projectId, path, { source: input, mode: late.mode }).finally(release)
    written.catch((error: Error) => input.destroy(error))
    isDirty = true
    stream = { input, written, position: 0 }
    return stream
  }

  async function push (to: Stream, bytes: Uint8Array): Promise<void> {
    if (to.input.destroyed) await to.written
    if (!to.input.write(bytes)) await once(to.input, 'drain')
    to.position += bytes.length
  }

  /** With what was there, and zeros behind it. */
  async function fill (to: Stream, end: number): Promise<void> {
    if (to.position < Math.min(size, end)) {
      const { bytes } = await files.open(projectId, path, { offset: to.position, length: Math.min(size, end) - to.position })
      for await (const chunk of bytes) {
        copied += (chunk as Buffer).length
        if (copied > MOST_COPIED_BYTES) throw new errors.TOO_LARGE('The file is written at too many places in turn. Write it from its beginning to its end')
        await push(to, chunk as Buffer)
      }
    }
    while (to.position < end) await push(to, ZEROS.subarray(0, Math.min(end - to.position, ZEROS.length)))
  }

  async function commit (): Promise<void> {
    if (isDirty) {
      const last = stream ?? begin()
      try {
        await fill(last, size)
        last.input.end()
        size = (await last.written).entry.size
      } finally {
        last.input.destroy()
        stream = undefined
      }
      isDirty = false
    }
    const attributes = late
    late = {}
    if (Object.keys(attributes).length > 0) await files.setAttributes(projectId, path, attributes)
  }

  function checkEnd (end: number): void {
    if (end > fileLimit) throw new errors.FILE_TOO_LARGE(fileLimit)
  }

  return {
    write: async (offset: number, bytes: Buffer): Promise<void> => await inTurn(async () => {
      const at = isAppending ? Math.max(size, stream?.position ?? 0) : offset
      checkEnd(at + bytes.length)
      if (stream !== undefined && at < stream.position) await commit()
      const to = stream ?? begin()
      await fill(to, at)
      await push(to, bytes)
    }),

    truncate: async (to: number): Promise<void> => await inTurn(async () => {
      checkEnd(to)
      if (isDirty) await commit()
      if (to === size) return
      const kept = begin()
      await fill(kept, to)
      size = to
    }),

    /** Of permissions and time. */
    setAttributes: (attributes: Attributes): void => {
      late = { ...late, ...attributes }
    },

    /** Everything that was written is there for others. */
    commit: async (): Promise<void> => await inTurn(commit),

    size: (): number => Math.max(size, stream?.position ?? 0),

    /** What is not committed is forgotten. */
    abandon: (): void => {
      clearTimeout(stalled)
      stream?.input.destroy(new Error('the upload was given up'))
    }
  }
}
