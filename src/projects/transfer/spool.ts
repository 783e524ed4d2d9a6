import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import path from 'node:path'
import { ensurePrivateDirectory } from '../../lib/private-files.ts'

/** A file without a name: it is gone with its handle, also when the server is killed. */
export interface Spool {
  readonly fd: number
  /** Appends each chunk and passes it on. */
  readonly record: (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Buffer>
  /** From the beginning. */
  readonly read: () => AsyncIterable<Buffer>
  readonly close: () => Promise<void>
}

const READ_BYTES = 256 * 1024

export async function openSpool (directory: string): Promise<Spool> {
  await ensurePrivateDirectory(directory)
  const file = path.join(directory, randomUUID())
  const handle = await open(file, 'wx+', 0o600)
  await rm(file, { force: true })

  return {
    fd: handle.fd,
    async * record (source) {
      for await (const chunk of source) {
        const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        await handle.appendFile(bytes)
        yield bytes
      }
    },
    read: () => handle.createReadStream({ start: 0, autoClose: false, highWaterMark: READ_BYTES }),
    close: async () => await handle.close()
  }
}
