import { Readable } from 'node:stream'
import { createDeferred } from '../../lib/deferred.ts'
import {
  AgentProtocolError, FrameType, MAX_PAYLOAD, decodeReadEvent, decodeReadResult, encodeRead, type AgentPath, type FileEntry
} from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'

export interface FileReading {
  /** Of the file that is read, under the path that was asked for; its size may differ from the bytes that come. */
  readonly entry: FileEntry
  /** At most as much as there was at the beginning; less if the file shrinks. Destroying it cancels the read. */
  readonly bytes: Readable
}

/**
 * Reads a regular file, a link to one included. The agent sends only as fast as the bytes are taken. When the agent is
 * lost, or the signal aborts, the bytes end with that error.
 */
export async function readFile (agent: AgentConnection, path: AgentPath, range: { offset?: number, length?: number } = {}, signal?: AbortSignal): Promise<FileReading> {
  signal?.throwIfAborted()
  const entry = createDeferred<FileEntry>()
  let waitingForReader: Array<() => void> = []
  let announced = 0
  let received = 0
  let isOver = false

  const channel = agent.open(encodeRead({ path, ...range }), {
    onEvent: (payload) => {
      const file = decodeReadEvent(payload)
      announced = Math.min(range.length ?? Infinity, Math.max(0, file.size - (range.offset ?? 0)))
      entry.resolve(file)
    },
    onData: (_stream, data) => {
      received += data.length
      if (received > announced) throw new AgentProtocolError('the agent sent more of a file than there is')
      if (bytes.push(data) || bytes.destroyed) return undefined
      return new Promise((resolve) => waitingForReader.push(resolve))
    }
  })

  const bytes = new Readable({
    highWaterMark: MAX_PAYLOAD,
    read () {
      const waiting = waitingForReader
      waitingForReader = []
      for (const resume of waiting) resume()
    },
    destroy (error, callback) {
      signal?.removeEventListener('abort', onAbort)
      if (!isOver) channel.control(FrameType.CANCEL)
      callback(error)
    }
  })
  // The reader gets the error; one that comes before there is a listener must not end the process.
  bytes.on('error', () => undefined)

  const onAbort = (): void => {
    entry.reject(signal?.reason)
    bytes.destroy(signal?.reason as Error)
  }
  signal?.addEventListener('abort', onAbort, { once: true })

  channel.result.then(decodeReadResult).then(({ sentBytes }) => {
    isOver = true
    entry.reject(new AgentProtocolError('the agent did not say which file it read'))
    if (sentBytes === received) bytes.push(null)
    else throw new AgentProtocolError(`the agent sent ${received} of ${sentBytes} bytes`)
  }).catch((error: Error) => {
    isOver = true
    entry.reject(error)
    bytes.destroy(error)
  })

  return { entry: await entry.promise, bytes }
}
