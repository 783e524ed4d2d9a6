import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import { errors } from '../../../errors.ts'
import { ObjectNotFoundError, StorageError, type ObjectStorage } from '../../../storage/object-storage.ts'
import { compress } from '../archives/compress.ts'
import { gunzip } from '../archives/decompress.ts'
import { readMembers, type Member } from '../archives/members.ts'

export interface StoredObject {
  readonly size: number
  /** SHA-256. */
  readonly checksum: Buffer
}

export interface KnownObject {
  readonly objectKey: string
  readonly size: number
  readonly checksum: Buffer | null
}

/** Snapshots as objects: a tar in gzip, and beside a full one an index of what is in it. */
export interface SnapshotStore {
  readonly newKey: (projectId: string) => string
  /** Stores a tar under the key, whole or not at all. Throws SNAPSHOTS_FULL where it becomes larger than it may be. */
  readonly put: (key: string, tar: Readable, options: { level: number, mostBytes: number, onProgress?: () => void }, signal: AbortSignal) => Promise<StoredObject>
  /**
   * Hands its members to the work as they come. Whatever the work has done with them is not to be used before this has
   * resolved: it throws SNAPSHOT_DAMAGED at the end where not every byte was what was stored.
   */
  readonly read: <T>(object: KnownObject, work: (members: AsyncIterable<Member>) => Promise<T>, options: { signal: AbortSignal, onProgress?: (() => void) | undefined }) => Promise<T>
  readonly putIndex: (key: string, index: Buffer, signal: AbortSignal) => Promise<void>
  /** Throws SNAPSHOT_DAMAGED where there is none. */
  readonly openIndex: (key: string, signal: AbortSignal) => Promise<AsyncIterable<Buffer>>
  readonly remove: (key: string) => Promise<void>
}

/** Besides the files: headers of members, as many as a project can have. */
const MOST_EXPANDED_BYTES = 2 ** 40

export function createSnapshotStore ({ storage, instanceId }: {
  storage: ObjectStorage
  /** Several installations may keep their objects in one place. */
  instanceId: string
}): SnapshotStore {
  const indexOf = (key: string): string => `${key}-index`

  return {
    newKey: (projectId) => `${instanceId}/${projectId}/${randomUUID()}`,

    async put (key, tar, { level, mostBytes, onProgress }, signal) {
      const meter = createMeter(mostBytes, () => new errors.SNAPSHOTS_FULL(), onProgress)
      await storage.put(key, Readable.from(meter.pass(compress(tar, level))), signal).catch(explain)
      return meter.value()
    },

    async read ({ objectKey, size, checksum }, work, { signal, onProgress }) {
      const meter = createMeter(size, () => new errors.SNAPSHOT_DAMAGED(), onProgress)
      const bytes = meter.pass(await storage.get(objectKey, signal).catch(explain))
      const expanded = gunzip(bytes, ({ expanded }) => {
        if (expanded > MOST_EXPANDED_BYTES) throw new errors.SNAPSHOT_DAMAGED()
      })
      const value = await work(readMembers(expanded)).catch(explain)
      const found = meter.value()
      if (found.size !== size || checksum === null || !timingSafeEqual(found.checksum, checksum)) throw new errors.SNAPSHOT_DAMAGED()
      return value
    },

    putIndex: async (key, index, signal) => await storage.put(indexOf(key), Readable.from([index]), signal).catch(explain),

    openIndex: async (key, signal) => gunzip(await storage.get(indexOf(key), signal).catch(explain), () => undefined),

    async remove (key) {
      await storage.remove(indexOf(key))
      await storage.remove(key)
    }
  }
}

function createMeter (mostBytes: number, tooMuch: () => Error, onProgress: () => void = () => undefined) {
  const hash = createHash('sha256')
  let size = 0
  return {
    async * pass (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        hash.update(chunk)
        size += chunk.length
        onProgress()
        if (size > mostBytes) throw tooMuch()
        yield chunk
      }
    },
    value: (): StoredObject => ({ size, checksum: hash.digest() })
  }
}

function explain (error: unknown): never {
  if (error instanceof ObjectNotFoundError || error instanceof errors.BAD_ARCHIVE) throw Object.assign(new errors.SNAPSHOT_DAMAGED(), { cause: error })
  if (error instanceof StorageError) throw Object.assign(new errors.STORAGE_UNAVAILABLE(), { cause: error })
  throw error
}
