import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDirectoryStorage } from '../../../src/storage/directory.ts'
import type { ObjectStorage } from '../../../src/storage/object-storage.ts'
import { createS3Storage } from '../../../src/storage/s3.ts'
import { startS3Server } from '../../support/s3-server.ts'

export interface Store {
  readonly storage: ObjectStorage
  readonly stop: () => Promise<void>
}

async function makeDirectory (): Promise<string> {
  return await mkdtemp(path.join(tmpdir(), 'berth-storage-'))
}

export async function startDirectoryStore (): Promise<Store> {
  const directory = await makeDirectory()
  return {
    storage: createDirectoryStorage(path.join(directory, 'objects')),
    stop: async () => await rm(directory, { recursive: true })
  }
}

export async function startS3Store (): Promise<Store> {
  const server = await startS3Server()
  const storage = createS3Storage(server.options)
  return {
    storage,
    stop: async () => {
      storage.close()
      await server.stop()
    }
  }
}
