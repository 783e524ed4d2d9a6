import {
  AgentProtocolError, EventKind, FrameType, decodeResetResult, decodeRunEvent, decodeRunResult, encodeReset, encodeRun, encodeSignal,
  type RunRequest, type RunResult
} from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'

/** What becomes of a program's output and its waits. */
export interface ProgramHandlers {
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>
  /** Once for each time that it has read all input and waits for more. */
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

/** Starts a program. It does not wait for files that are still being written: see place-files.ts. */
export function openRun (agent: AgentConnection, request: RunRequest, handlers: ProgramHandlers): AgentRun {
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

/** Makes the sandbox as it was before its first run. If it rejects, the sandbox must be thrown away. */
export async function resetSandbox (agent: AgentConnection): Promise<void> {
  decodeResetResult(await agent.open(encodeReset()).result)
}
