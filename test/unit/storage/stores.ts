import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import S3rver from 's3rver'
import { createDirectoryStorage } from '../../../src/storage/directory.ts'
import type { ObjectStorage } from '../../../src/storage/object-storage.ts'
import { createS3Storage } from '../../../src/storage/s3.ts'

export interface Store {
  readonly storage: ObjectStorage
  readonly stop: () => Promise<void>
}

const BUCKET = 'berth-test'

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

/** A server that speaks S3, on loopback. */
export async function startS3Server () {
  const directory = await makeDirectory()
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: BUCKET, configs: [] }] })
  const { port } = await server.run() as unknown as { port: number }
  return {
    options: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      bucket: BUCKET,
      prefix: 'some/where/',
      // The one user that it knows.
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
    },
    stop: async () => {
      await server.close()
      await rm(directory, { recursive: true })
    }
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
