import {
  AbortMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, ListMultipartUploadsCommand, NoSuchKey, S3Client, S3ServiceException
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { Readable } from 'node:stream'
import { ObjectNotFoundError, StorageError, type ObjectStorage } from './object-storage.ts'

export interface S3Options {
  readonly endpoint: string | undefined
  /** Without it the client looks where the SDK always does. */
  readonly region: string | undefined
  readonly bucket: string
  /** Before every key, so that a bucket can hold more than ours. */
  readonly prefix: string
  /** Without them the client looks where the SDK always does, such as in the machine's role. */
  readonly credentials?: { readonly accessKeyId: string, readonly secretAccessKey: string } | undefined
}

const CONNECT_MS = 5_000
const SILENCE_MS = 30_000
/** Each part is held in memory until it is stored; the protocol allows 10,000 of them. */
const PART_BYTES = 16 * 1024 * 1024
const PARTS_AT_ONCE = 2

/** The SDK insists on a region, which stores of one's own mostly do not look at. */
const ANY_REGION = 'us-east-1'

/** Any store that speaks S3. Objects appear when their last part has been stored, which is the protocol's own promise. */
export function createS3Storage ({ endpoint, region, bucket, prefix, credentials }: S3Options): ObjectStorage {
  const client = new S3Client({
    ...(region === undefined && endpoint === undefined ? {} : { region: region ?? ANY_REGION }),
    ...(endpoint === undefined ? {} : { endpoint }),
    // Names of buckets are subdomains at AWS only.
    forcePathStyle: endpoint !== undefined,
    ...(credentials === undefined ? {} : { credentials }),
    // Not every store knows the trailing checksums that the SDK would send; we keep a SHA-256 of our own.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS }
  })
  const locate = (key: string): { Bucket: string, Key: string } => ({ Bucket: bucket, Key: prefix + key })

  async function abortUploads (key: string): Promise<void> {
    const { Bucket, Key } = locate(key)
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }))
    for (const { UploadId, Key: found } of Uploads) {
      if (found === Key) await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    }
  }

  return {
    async put (key, bytes, signal) {
      const upload = new Upload({ client, params: { ...locate(key), Body: bytes }, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE, leavePartsOnError: true })
      const abort = (): void => { void upload.abort() }
      signal?.addEventListener('abort', abort, { once: true })
      try {
        signal?.throwIfAborted()
        await upload.done()
      } catch (error) {
        await abortUploads(key).catch(ignoreUnsupported)
        signal?.throwIfAborted()
        throw bytes.errored ?? describe(error)
      } finally {
        signal?.removeEventListener('abort', abort)
      }
    },

    async get (key, signal) {
      try {
        const { Body } = await client.send(new GetObjectCommand(locate(key)), signal === undefined ? {} : { abortSignal: signal })
        if (!(Body instanceof Readable)) throw new StorageError('the store sent no body')
        return Body
      } catch (error) {
        if (error instanceof NoSuchKey) throw new ObjectNotFoundError(`there is no object ${key}`, { cause: error })
        throw describe(error)
      }
    },

    async remove (key) {
      await client.send(new DeleteObjectCommand(locate(key))).catch((error: unknown) => { throw describe(error) })
      await abortUploads(key).catch(ignoreUnsupported)
    },

    close: () => client.destroy()
  }
}

/** Where uploads cannot be listed, parts of interrupted ones are left to the bucket's own rules. */
function ignoreUnsupported (error: unknown): void {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
  if (status !== 405 && status !== 501) throw describe(error)
}

function describe (error: unknown): unknown {
  return error instanceof StorageError ? error : new StorageError(error instanceof Error ? error.message : 'the store failed', { cause: error })
}
