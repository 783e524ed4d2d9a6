import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createDeferred } from '../../lib/deferred.ts'
import { FrameType, decodeCreationResult, decodeWriteEvent, encodeWrite, type AgentPath, type FileEntry, type WriteOptions } from '../agent-protocol.ts'
import type { Channel } from './channel.ts'
import type { AgentConnection } from './connection.ts'
import { resultOf } from './result.ts'

/**
 * Writes a file, which appears under its name, or replaces the old content, when it is complete. Nothing is taken from
 * a stream before the agent has accepted the write, and then only as fast as it goes to the file. If the source fails,
 * the signal aborts or the agent is lost, the old content stays.
 */
export async function writeFile (
  agent: AgentConnection, path: AgentPath, source: Uint8Array | AsyncIterable<Uint8Array>, options: WriteOptions = {}, signal?: AbortSignal
): Promise<{ entry: FileEntry, created: boolean }> {
  signal?.throwIfAborted()
  const accepted = createDeferred<void>()
  const channel = agent.open(encodeWrite({ path, ...options }), {
    onEvent: (payload) => {
      decodeWriteEvent(payload)
      accepted.resolve()
    }
  })
  const result = resultOf(channel, signal)
  if (source instanceof Uint8Array) {
    channel.send(source)
    channel.end()
  } else {
    await Promise.race([accepted.promise, result])
    await pipeline(source, createFileSink(channel, result))
  }
  return decodeCreationResult(await result)
}

/** Finishes when the agent has written everything; fails as the write does. */
function createFileSink (channel: Channel, result: Promise<unknown>): Writable {
  const sink = new Writable({
    write (chunk: Uint8Array, _encoding, callback) {
      channel.send(chunk, callback)
    },
    final (callback) {
      channel.end()
      result.then(() => callback(), callback)
    },
    destroy (error, callback) {
      if (error !== null) channel.control(FrameType.CANCEL)
      callback(error)
    }
  })
  result.catch((error: Error) => sink.destroy(error))
  return sink
}
