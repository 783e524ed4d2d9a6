import { createReadStream, createWriteStream } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { pipeline as pipe, type Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { OperationError } from '../errors.ts'
import { createArchiveWriter, type ArchiveWriter } from './archive-writer.ts'
import { decryptWith, encryptTo, isEncrypted } from './encryption.ts'

const UNFINISHED = '.part'
/** Snapshots are compressed already, and tables are small beside them. */
const LEVEL = 1

/** Has the work write an archive to the stream. */
async function writeTo<T> (out: Writable, recipients: readonly string[], work: (archive: ArchiveWriter) => Promise<T>): Promise<T> {
  const archive = createArchiveWriter()
  const compressed = createGzip({ level: LEVEL })
  pipe(archive.bytes, compressed, () => undefined)
  const bytes = recipients.length === 0 ? compressed : await encryptTo(recipients, compressed)
  let failure: { error: unknown } | undefined
  const writing = pipeline(bytes, out).catch((error: unknown) => {
    failure = { error }
    archive.destroy(error as Error)
  })
  try {
    const result = await work(archive)
    await writing
    if (failure === undefined) return result
  } catch (error) {
    if (failure === undefined) {
      compressed.destroy(error as Error)
      await writing
      throw error
    }
  }
  throw failure.error
}

/** In a file that only its owner reads, which is there when it is complete. */
export async function writeFileArchive<T> (file: string, recipients: readonly string[], work: (archive: ArchiveWriter) => Promise<T>): Promise<T> {
  if (await access(file).then(() => true, () => false)) throw new OperationError(`${file} is there already: name another file, or remove it`)
  const parts = file + UNFINISHED
  const out = createWriteStream(parts, { flags: 'wx', mode: 0o600, flush: true })
  try {
    const result = await writeTo(out, recipients, work)
    await rename(parts, file)
    return result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new OperationError(`${parts} is there already: another backup writes it, or an interrupted one has left it. Remove it`)
    await rm(parts, { force: true })
    throw error
  }
}

export const writeStreamArchive = writeTo

/** The tar in the file. */
export async function openFileArchive (file: string, identity: string | undefined): Promise<Readable> {
  const encrypted = await isEncrypted(file).catch((error: NodeJS.ErrnoException) => { throw new OperationError(`${file} cannot be read: ${error.message}`) })
  if (encrypted && identity === undefined) throw new OperationError(`${file} is encrypted: --identity-file names the file with the key that opens it`)
  const bytes = createReadStream(file)
  const opened = encrypted ? await decryptWith(identity ?? '', bytes) : bytes
  const tar = createGunzip()
  pipe(opened, tar, () => undefined)
  return tar
}
