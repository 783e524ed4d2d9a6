import { Buffer } from 'node:buffer'
import {
  AgentProtocolError, EventKind, FrameType, decodeGetResult, decodePutResult, decodeResetResult, decodeRunEvent, decodeRunResult,
  decodeWalkEntries, decodeWalkResult, encodeGet, encodePut, encodeReset, encodeRun, encodeSignal, encodeWalk,
  type AgentPath, type RunRequest, type RunResult, type WalkEntry
} from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'

export interface RunHandlers {
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>
  readonly onInputWait?: () => void
}

export interface AgentRun {
  readonly result: Promise<RunResult>
  /** `onSent` is called when the bytes have left for the sandbox, which is when the program reads. */
  readonly sendInput: (bytes: Uint8Array, onSent?: () => void) => void
  readonly endInput: () => void
  /** To the program's process group. */
  readonly signal: (number: number) => void
  /** Kills the whole tree; the result follows with the reason `cancelled`. */
  readonly cancel: () => void
}

/** Starts a program. It does not wait for files that are still being put: see place-files.ts. */
export function openRun (agent: AgentConnection, request: RunRequest, handlers: RunHandlers): AgentRun {
  const channel = agent.open(encodeRun(request), {
    onData: (stream, bytes) => {
      if (stream === 0) throw new AgentProtocolError('the agent sent output of a run on stream 0')
      return handlers.onOutput(stream === 1 ? 'stdout' : 'stderr', bytes)
    },
    onEvent: (payload) => {
      if (decodeRunEvent(payload).kind === EventKind.WAITING_FOR_INPUT) handlers.onInputWait?.()
    }
  })
  const result = channel.result.then(decodeRunResult)
  // A run that is watched for its output first may be lost before its result is awaited.
  result.catch(() => undefined)
  return {
    result,
    sendInput: channel.send,
    endInput: channel.end,
    signal: (number) => channel.control(FrameType.SIGNAL, encodeSignal(number)),
    cancel: () => channel.control(FrameType.CANCEL)
  }
}

export async function putFile (agent: AgentConnection, path: AgentPath, content: Uint8Array, mode?: number): Promise<void> {
  const channel = agent.open(encodePut({ path, ...(mode === undefined ? {} : { mode }) }))
  channel.send(content)
  channel.end()
  const { size } = decodePutResult(await channel.result)
  if (size !== content.length) throw new AgentProtocolError(`the agent wrote ${size} of ${content.length} bytes`)
}

/** The first `maxBytes` of a regular file. */
export async function getFile (agent: AgentConnection, path: AgentPath, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let received = 0
  const channel = agent.open(encodeGet({ path, length: maxBytes }), {
    onData: (_stream, bytes) => {
      received += bytes.length
      if (received > maxBytes) throw new AgentProtocolError('the agent sent more of a file than was asked for')
      chunks.push(bytes)
    }
  })
  const { sentBytes } = decodeGetResult(await channel.result)
  if (sentBytes !== received) throw new AgentProtocolError('the agent lost a part of a file')
  return Buffer.concat(chunks)
}

export async function walkFiles (agent: AgentConnection, maxEntries: number): Promise<{ entries: WalkEntry[], truncated: boolean }> {
  const entries: WalkEntry[] = []
  const channel = agent.open(encodeWalk({ maxEntries }), {
    onData: (_stream, bytes) => {
      entries.push(...decodeWalkEntries(bytes))
      if (entries.length > maxEntries) throw new AgentProtocolError('the agent listed more entries than was asked for')
    }
  })
  const { truncated } = decodeWalkResult(await channel.result)
  return { entries, truncated }
}

/** Makes the sandbox as it was before its first run. If it rejects, the sandbox must be thrown away. */
export async function resetSandbox (agent: AgentConnection): Promise<void> {
  decodeResetResult(await agent.open(encodeReset()).result)
}
