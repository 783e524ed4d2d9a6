import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { CHECKSUMS } from './manifest.ts'

/** A member of a tar has its size before it, and nobody knows that of a table: each file is a folder of pieces. */
const PIECE_BYTES = 1024 * 1024

export interface ArchiveWriter {
  readonly bytes: Readable
  /** Adds a file, with no more than a piece of it in memory. */
  readonly add: (name: string, content: AsyncIterable<Buffer> | Iterable<Buffer>) => Promise<void>
  /** Adds the checksums, after which there is nothing. */
  readonly finish: () => Promise<void>
  readonly destroy: (error: Error) => void
}

export function createArchiveWriter (): ArchiveWriter {
  const tar = pack()
  const checksums: string[] = []

  async function addPiece (name: string, piece: Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name, mode: 0o600 }, piece, (error) => error == null ? resolve() : reject(error))
    })
  }

  async function addFile (name: string, content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    const hash = createHash('sha256')
    let waiting: Buffer[] = []
    let waitingBytes = 0
    let pieces = 0
    const flush = async (): Promise<void> => {
      await addPiece(`${name}/${String(pieces++).padStart(6, '0')}`, Buffer.concat(waiting))
      waiting = []
      waitingBytes = 0
    }
    for await (const chunk of content) {
      hash.update(chunk)
      waiting.push(chunk)
      waitingBytes += chunk.length
      if (waitingBytes >= PIECE_BYTES) await flush()
    }
    if (waitingBytes > 0 || pieces === 0) await flush()
    checksums.push(`${hash.digest('hex')}  ${name}\n`)
  }

  return {
    bytes: Readable.from(tar, { objectMode: false }),
    add: addFile,
    async finish () {
      await addFile(CHECKSUMS, [Buffer.from(checksums.join(''))])
      tar.finalize()
    },
    destroy: (error) => { tar.destroy(error) }
  }
}
