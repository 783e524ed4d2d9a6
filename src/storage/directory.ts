import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ObjectNotFoundError, StorageError, type ObjectStorage } from './object-storage.ts'

/** Beside the object, so that the rename stays on one file system; no key has a dot in it. */
const UNFINISHED = '.part'

/** Objects as files below a directory that only this server's user can read. */
export function createDirectoryStorage (directory: string): ObjectStorage {
  const fileOf = (key: string): string => path.join(directory, ...key.split('/'))

  return {
    async put (key, bytes, signal) {
      const file = fileOf(key)
      const parts = file + UNFINISHED
      try {
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
        await pipeline(bytes, createWriteStream(parts, { mode: 0o600, flush: true }), ...(signal === undefined ? [] : [{ signal }]))
        await rename(parts, file)
        await syncDirectory(path.dirname(file))
      } catch (error) {
        await rm(parts, { force: true })
        // What the stream itself failed with is not ours to explain.
        throw bytes.errored === error ? error : describe(error)
      }
    },

    async get (key, signal) {
      const file = fileOf(key)
      try {
        const handle = await open(file)
        return createReadStream(file, { fd: handle, ...(signal === undefined ? {} : { signal }) })
      } catch (error) {
        if (isMissing(error)) throw new ObjectNotFoundError(`there is no object ${key}`, { cause: error })
        throw describe(error)
      }
    },

    async remove (key) {
      const file = fileOf(key)
      await Promise.all([rm(file, { force: true }), rm(file + UNFINISHED, { force: true })])
    },

    close: () => undefined
  }
}

/** Without it a crash of the machine may take back the rename. */
async function syncDirectory (directory: string): Promise<void> {
  const handle = await open(directory)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing (error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function describe (error: unknown): unknown {
  return error instanceof Error && 'syscall' in error ? new StorageError(error.message, { cause: error }) : error
}
