import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { isDockerError, type DockerClient, type OutputStreams } from '../../docker/index.ts'
import { findProjectContainer } from '../../sandbox/project-sandbox.ts'

export interface LogsOptions {
  readonly tail?: number | undefined
  readonly signal: AbortSignal
}

export type LogsService = ReturnType<typeof createLogs>

/** What the container itself has printed; a stopped project has none. The Engine's stream ends with the answer's. */
export function createLogs (docker: DockerClient) {
  async function open (projectId: string, { tail, signal }: LogsOptions, follow: boolean) {
    try {
      const container = await findProjectContainer(docker, projectId, { signal })
      if (container === undefined) return undefined
      return await docker.containers.logs(container.Id, { follow, ...(tail === undefined ? {} : { tail }) }, { signal })
    } catch (error) {
      if (isDockerError(error, 'not_found')) return undefined
      throw error
    }
  }

  return {
    /** Both streams in the order of their arrival. */
    async text (projectId: string, options: LogsOptions): Promise<Readable> {
      const logs = await open(projectId, options, false)
      if (logs === undefined) return Readable.from([])
      return merge(logs, options.signal, (_stream, chunk) => chunk)
    },

    /** A line of JSON for each piece, as it is printed, until the container ends. */
    async follow (projectId: string, options: LogsOptions): Promise<Readable> {
      const logs = await open(projectId, options, true)
      if (logs === undefined) return Readable.from([])
      const decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() }
      return merge(logs, options.signal, (stream, chunk) => {
        const data = decoders[stream].write(chunk)
        return data === '' ? '' : `${JSON.stringify({ stream, data })}\n`
      })
    }
  }
}

type StreamName = 'stdout' | 'stderr'

function merge ({ stdout, stderr }: OutputStreams, signal: AbortSignal, encode: (stream: StreamName, chunk: Buffer) => string | Buffer): Readable {
  const merged = new PassThrough()
  const pump = async (name: StreamName, source: Readable): Promise<void> => {
    for await (const chunk of source) {
      const encoded = encode(name, chunk as Buffer)
      if (encoded.length > 0 && !merged.write(encoded)) await once(merged, 'drain', { signal })
    }
  }
  Promise.all([pump('stdout', stdout), pump('stderr', stderr)]).then(() => merged.end(), (error: Error) => merged.destroy(error))
  // A client that goes away is the usual end of following.
  return merged.on('error', () => undefined)
}
