import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import S3rver from 's3rver'

const BUCKET = 'berth-test'

/** A server that speaks S3, on loopback. */
export async function startS3Server () {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-s3-'))
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: BUCKET, configs: [] }] })
  const { port } = await server.run() as unknown as { port: number }
  return {
    directory,
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
