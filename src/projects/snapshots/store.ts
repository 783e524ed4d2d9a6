import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import { errors } from '../../errors.ts'
import { ObjectNotFoundError, StorageError, type ObjectStorage } from '../../storage/object-storage.ts'
import { compress } from '../archives/compress.ts'
import { decompress } from '../archives/decompress.ts'
import { readMembers, type Member } from '../archives/members.ts'
import { openSpool } from '../archives/spool.ts'

export interface StoredObject {
  readonly size: number
  /** SHA-256. */
  readonly checksum: Buffer
}

/** Snapshots as objects: a tar in gzip. */
export interface SnapshotStore {
  readonly newKey: (projectId: string) => string
  /** Stores a tar under the key, whole or not at all. */
  readonly put: (key: string, tar: Readable, signal: AbortSignal) => Promise<StoredObject>
  /** Hands its members to the work when every byte of it has been found to be what was stored; else SNAPSHOT_DAMAGED. */
  readonly read: <T>(snapshot: { objectKey: string, size: number, checksum: Buffer | null }, work: (members: AsyncIterable<Member>) => Promise<T>, signal: AbortSignal) => Promise<T>
  readonly remove: (key: string) => Promise<void>
}

export function createSnapshotStore ({ storage, instanceId, spoolDirectory }: {
  storage: ObjectStorage
  /** Several installations may keep their objects in one place. */
  instanceId: string
  spoolDirectory: string
}): SnapshotStore {
  return {
    newKey: (projectId) => `${instanceId}/${projectId}/${randomUUID()}`,

    async put (key, tar, signal) {
      const meter = createMeter()
      await explained(storage.put(key, Readable.from(meter.pass(compress(tar))), signal))
      return meter.value()
    },

    async read ({ objectKey, size, checksum }, work, signal) {
      const spool = await openSpool(spoolDirectory)
      try {
        const meter = createMeter()
        for await (const chunk of spool.record(meter.pass(await explained(storage.get(objectKey, signal))))) void chunk
        const found = meter.value()
        if (found.size !== size || checksum === null || !timingSafeEqual(found.checksum, checksum)) throw new errors.SNAPSHOT_DAMAGED()
        // It is ours, and zeros may be packed as tightly as they like.
        return await work(readMembers(decompress(spool.read(), Infinity)))
      } finally {
        await spool.close()
      }
    },

    remove: async (key) => await storage.remove(key)
  }
}

function createMeter () {
  const hash = createHash('sha256')
  let size = 0
  return {
    async * pass (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        hash.update(chunk)
        size += chunk.length
        yield chunk
      }
    },
    value: (): StoredObject => ({ size, checksum: hash.digest() })
  }
}

async function explained<T> (operation: Promise<T>): Promise<T> {
  return await operation.catch((error: unknown) => {
    if (error instanceof ObjectNotFoundError) throw Object.assign(new errors.SNAPSHOT_DAMAGED(), { cause: error })
    if (error instanceof StorageError) throw Object.assign(new errors.STORAGE_UNAVAILABLE(), { cause: error })
    throw error
  })
}
