import path from 'node:path'
import { createDirectoryStorage } from './directory.ts'
import type { ObjectStorage } from './object-storage.ts'
import type { S3Options } from './s3.ts'

/** In the S3 bucket, if one is configured, else below the data directory. */
export async function openStorage ({ s3, dataDir }: { s3: S3Options | undefined, dataDir: string }): Promise<ObjectStorage> {
  if (s3 === undefined) return createDirectoryStorage(path.resolve(dataDir, 'snapshots'))
  // Its client takes 70 ms to load, and most installations have no use for it.
  const { createS3Storage } = await import('./s3.ts')
  return createS3Storage(s3)
}
