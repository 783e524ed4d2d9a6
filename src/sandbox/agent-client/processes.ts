import {
  AgentProtocolError, FrameType, decodeAttachEvent, decodeAttachResult, decodeProcessChange, decodeProcesses, decodeProcessesResult, decodeStartResult,
  encodeAttach, encodeControl, encodeFollow, encodeKill, encodeProcesses, encodeStart,
  type AttachRequest, type AttachResult, type ControlRequest, type KeptProcess, type ProcessChange, type RunningProcess, type ScreenSize, type StartRequest,
  type StartResult
} from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'

const MOST_LISTED = 64 + 512

/** Of PID 1 of a project: see openInitAgent. All reject with AgentOperationError or AgentLostError. */
export async function startProcess (agent: AgentConnection, request: StartRequest): Promise<StartResult> {
  return decodeStartResult(await agent.open(encodeStart(request)).result)
}

/** Those that are kept, and all that run in the sandbox, by their ids. */
export async function listProcesses (agent: AgentConnection): Promise<{ kept: KeptProcess[], running: RunningProcess[] }> {
  const kept: KeptProcess[] = []
  const running: RunningProcess[] = []
  const channel = agent.open(encodeProcesses(), {
    onData: (_stream, bytes) => {
      for (const entry of decodeProcesses(bytes)) {
        if (entry.kind === 'kept') kept.push(entry)
        else running.push(entry)
      }
      if (kept.length + running.length > MOST_LISTED) throw new AgentProtocolError('the agent listed more processes than it may')
    }
  })
  decodeProcessesResult(await channel.result)
  return { kept, running }
}

export async function controlProcess (agent: AgentConnection, request: ControlRequest): Promise<void> {
  await agent.open(encodeControl(request)).result
}

/** A process that is not kept, with its descendants. */
export async function killProcess (agent: AgentConnection, target: Parameters<typeof encodeKill>[0]): Promise<void> {
  await agent.open(encodeKill(target)).result
}

export interface AttachHandlers {
  /** Of the next byte: first of all, and after bytes were lost. */
  readonly onPosition?: (position: number) => void
  /** Of its terminal: before the first position, and when it changes. */
  readonly onSize?: (size: ScreenSize) => void
  /** What it returns holds back what comes after. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>
}

export interface ProcessAttachment {
  readonly result: Promise<AttachResult>
  /** `onSent` is called when the process has room for more. */
  readonly sendInput: (bytes: Uint8Array, onSent?: () => void) => void
  readonly endInput: () => void
  readonly detach: () => void
}

export function attachProcess (agent: AgentConnection, request: AttachRequest, { onPosition, onSize, onOutput }: AttachHandlers = {}): ProcessAttachment {
  const channel = agent.open(encodeAttach(request), {
    onEvent (payload) {
      const event = decodeAttachEvent(payload)
      if ('size' in event) onSize?.(event.size)
      else onPosition?.(event.position)
    },
    onData: (stream, bytes) => {
      if (stream === 0) throw new AgentProtocolError('the agent sent output of a process on stream 0')
      return onOutput?.(stream === 1 ? 'stdout' : 'stderr', bytes)
    }
  })
  const result = channel.result.then(decodeAttachResult)
  result.catch(() => undefined)
  return { result, sendInput: channel.send, endInput: channel.end, detach: () => channel.control(FrameType.CANCEL) }
}

/** Starts and ends of processes after a change, in their order, until the connection ends: rejects then. */
export async function followProcesses (agent: AgentConnection, after: number, onChange: (change: ProcessChange) => void): Promise<never> {
  await agent.open(encodeFollow(after), { onEvent: (payload) => onChange(decodeProcessChange(payload)) }).result
  throw new AgentProtocolError('the agent ended what has no end')
}
