import { PassThrough, type Readable } from 'node:stream'
import { once } from 'node:events'
import { encodeEvent, HEARTBEAT_MS } from '../../http/event-stream.ts'
import { signalName } from '../../lib/signals.ts'
import { attachProcess } from '../../sandbox/agent-client/processes.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import type { AttachRequest } from '../../sandbox/agent-protocol.ts'

export interface LogsRequest extends Pick<AttachRequest, 'id' | 'from'> {
  /** Until the process ends. */
  readonly follows: boolean
  /** The client has gone, or nothing more is to be said. */
  readonly signal: AbortSignal
}

export interface LogEncoder {
  /** At the beginning, and where bytes were lost. */
  readonly position: (position: number, lost: number) => string
  readonly output: (stream: 'stdout' | 'stderr', bytes: Buffer, position: number) => string | Buffer
  readonly end: (exitCode: number | null, signal: string | null, position: number) => string
}

/** What was printed, as it was. */
export const plainText: LogEncoder = { position: () => '', output: (_stream, bytes) => bytes, end: () => '' }

/** Server-sent events, whose id is the position after what they tell: with it as `since`, or as `Last-Event-ID`, a client goes on. */
export function createEventEncoder (): LogEncoder {
  const event = (type: string, id: number, data: object): string => encodeEvent({ event: type, id: String(id), data })
  // A character may be cut in two: its bytes are told when all of them are there.
  const rest = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  return {
    position: (position, lost) => lost === 0 ? '' : event('lost', position, { bytes: lost }),
    output (stream, bytes, position) {
      const all = Buffer.concat([rest[stream], bytes])
      const whole = all.length - unfinishedBytes(all)
      rest[stream] = all.subarray(whole)
      return whole === 0 ? '' : event('output', position - rest[stream].length, { stream, data: all.toString('utf8', 0, whole) })
    },
    end: (exitCode, signal, position) => event('exit', position, { exitCode, signal })
  }
}

/** How many bytes at the end begin a character of UTF-8 that is not complete. */
function unfinishedBytes (bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

/** What a process has printed and prints, encoded; it waits for whoever reads, and may lose bytes meanwhile. `onOver` is called when the stream needs no agent any more. */
export function openLogs (agent: AgentConnection, { id, from, follows, signal }: LogsRequest, encoder: LogEncoder, { heartbeat, onOver }: { heartbeat: string, onOver: () => void }): Readable {
  const out = new PassThrough({ highWaterMark: 64 * 1024 })
  let position: number | undefined
  const write = async (text: string | Buffer): Promise<void> => {
    if (text.length > 0 && !out.destroyed && !out.write(text)) await once(out, 'drain', { signal })
  }
  const attachment = attachProcess(agent, { id, from, untilNow: !follows }, {
    onPosition (to) {
      void write(encoder.position(to, position === undefined ? 0 : to - position)).catch(() => undefined)
      position = to
    },
    onOutput (stream, bytes) {
      position = (position ?? 0) + bytes.length
      return write(encoder.output(stream, bytes, position))
    }
  })
  // At once: so much has to be sent before a client hears that it is connected.
  if (heartbeat !== '') out.write(heartbeat)
  const beat = heartbeat === '' ? undefined : setInterval(() => { if (out.writableLength === 0) out.write(heartbeat) }, HEARTBEAT_MS).unref()
  const onAbort = (): void => attachment.detach()
  // It may have gone before there was anything to follow.
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  attachment.result.then((result) => {
    const hasEnded = result.exitCode !== undefined || result.signal !== undefined
    if (hasEnded) out.write(encoder.end(result.exitCode ?? null, result.signal === undefined ? null : signalName(result.signal), result.position))
    out.end()
  }, (error: Error) => out.destroy(error)).finally(() => {
    clearInterval(beat)
    signal.removeEventListener('abort', onAbort)
    onOver()
  })
  // A client that goes away is the usual end of following.
  return out.on('error', () => undefined)
}
