import type { Readable } from 'node:stream'
import { DockerError } from '../errors.ts'
import type { Headers } from '../exchange.ts'
import type { CallOptions } from '../options.ts'
import type { Transport } from '../transport.ts'
import type { PathStat } from '../types/container.ts'
import type { UploadSource } from '../upload.ts'

export interface PutArchiveOptions {
  /** Refuse to replace a directory by a file or the other way round. */
  noOverwriteDirNonDir?: boolean
  /** Give everything to the container's user, by a name in its passwd, rather than to whom the tar says. */
  ownByContainerUser?: boolean
}

export function createArchive (transport: Transport) {
  return {
    async statPath (id: string, path: string, options?: CallOptions): Promise<PathStat> {
      const { headers } = await transport.call('archiveStat', { params: { id }, query: { path } }, options)
      return parsePathStat('archiveStat', headers)
    },

    /**
     * A file or directory as a tar. Read it to its end or destroy it: until then the Engine holds the container's lock,
     * and exec and inspect of it block.
     */
    async getArchive (id: string, path: string, options?: CallOptions): Promise<{ stat: PathStat, tar: Readable }> {
      const { headers, body } = await transport.stream('archiveGet', { params: { id }, query: { path } }, options)
      try {
        return { stat: parsePathStat('archiveGet', headers), tar: body }
      } catch (error) {
        body.destroy()
        throw error
      }
    },

    /** Unpacks a tar into a directory. Does not reach a tmpfs, says 200 all the same, and refuses a read-only root. */
    async putArchive (id: string, path: string, tar: UploadSource, put: PutArchiveOptions = {}, options?: CallOptions): Promise<void> {
      const query = { path, noOverwriteDirNonDir: put.noOverwriteDirNonDir, copyUIDGID: put.ownByContainerUser }
      const { body } = await transport.stream('archivePut', { params: { id }, query, upload: tar }, options)
      body.resume()
    }
  }
}

function parsePathStat (operation: string, headers: Headers): PathStat {
  const encoded = headers['x-docker-container-path-stat']
  try {
    return JSON.parse(Buffer.from(String(encoded), 'base64').toString('utf8')) as PathStat
  } catch (cause) {
    throw new DockerError({ code: 'protocol', operation, message: 'the answer does not describe the path', cause })
  }
}
