import { finished } from 'node:stream/promises'
import { createDeferred } from '../../lib/deferred.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { readFile, type FileReading } from '../../sandbox/agent-client/read-file.ts'
import { refineFailure } from './refine-failure.ts'

type Use = (work: (agent: AgentConnection, signal: AbortSignal) => Promise<void>) => Promise<void>

/** Opens a file for reading. Its place is in use until the bytes are read, or destroyed. */
export async function openReading (use: Use, path: Buffer, range: { offset?: number, length?: number }): Promise<FileReading> {
  const opened = createDeferred<FileReading>()
  use(async (agent) => {
    const reading = await readFile(agent, path, range).catch(async (error: unknown) => {
      throw await refineFailure(agent, path, error)
    })
    opened.resolve(reading)
    // Whoever reads is told of what goes wrong from here on.
    await finished(reading.bytes).catch(() => undefined)
  }).catch(opened.reject)
  return await opened.promise
}
