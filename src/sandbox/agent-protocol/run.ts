import { checkOpen } from './connection.ts'
import { EventKind, Operation } from './constants.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, required } from './fields.ts'

export interface CommandRequest {
  /** The program, looked up in PATH of `env`, and its arguments. */
  args: readonly [string, ...string[]]
  /** The whole environment: nothing is inherited. */
  env?: Readonly<Record<string, string>>
  /** Beneath the agent's root; default the root itself. */
  cwd?: string | undefined
}

export interface RunRequest extends CommandRequest {
  wallMs?: number
  /** CPU time of the whole tree. */
  cpuMs?: number
  /** Of the whole sandbox, kept by the agent: for runtimes that cannot change the container's own limit. */
  memoryBytes?: number
  /** For each of stdout and stderr. */
  outputLimitBytes?: number
  reportInputWait?: boolean
  stackBytes?: number
  /** What is left when the program ends by itself lives on; the agent then takes no other run. */
  leave?: boolean
}

const REPORT_INPUT_WAIT = 1
const LEAVE = 2

/** Payload of OPEN for RUN. Throws RangeError when arguments and environment together exceed a frame. */
export function encodeRun (request: RunRequest): Buffer {
  const fields = createFieldWriter()
  writeCommand(fields, request)
  fields.u32(4, request.wallMs)
  fields.u64(5, request.outputLimitBytes)
  const flags = (request.reportInputWait === true ? REPORT_INPUT_WAIT : 0) | (request.leave === true ? LEAVE : 0)
  fields.u32(6, flags === 0 ? undefined : flags)
  fields.u32(7, request.cpuMs)
  fields.u64(8, request.stackBytes)
  fields.u64(9, request.memoryBytes)
  return checkOpen(fields.concat(Buffer.of(Operation.RUN)))
}

export function writeCommand (fields: ReturnType<typeof createFieldWriter>, { args, env = {}, cwd }: CommandRequest): void {
  for (const arg of args) fields.bytes(1, withoutNul(arg))
  for (const [name, value] of Object.entries(env)) fields.bytes(2, withoutNul(`${name}=${value}`))
  fields.bytes(3, cwd)
}

function withoutNul (text: string): string {
  if (text.includes('\0')) throw new RangeError('arguments and environment cannot hold NUL')
  return text
}

export type RunEvent =
  | { kind: typeof EventKind.STARTED, processId: number }
  | { kind: typeof EventKind.WAITING_FOR_INPUT }

const STARTED_FIELDS = { processId: { tag: 1, kind: 'u32' } } as const

export function decodeRunEvent (payload: Buffer): RunEvent {
  const kind = payload[0]
  const fields = payload.subarray(1)
  if (kind === EventKind.STARTED) {
    return { kind, processId: required('processId', decodeFields(fields, STARTED_FIELDS).processId) }
  }
  if (kind !== EventKind.WAITING_FOR_INPUT) throw new AgentProtocolError(`the agent sent an unknown event ${kind}`)
  decodeFields(fields, {})
  return { kind }
}

const REASONS = ['exit', 'wall_limit', 'output_limit', 'cancelled', 'cpu_limit', 'memory_limit'] as const

export interface LeftProcess {
  readonly pid: number
  /** File name of its program, cut off after 15 bytes. */
  readonly name: string
}

export interface RunResult {
  /** Either this or `signal`. */
  exitCode?: number
  signal?: number
  /** Microseconds from fork to the end of the program itself. */
  wallUs: number
  /** Microseconds of the whole tree. */
  cpuUs: number
  /** Of the largest process. */
  peakMemoryBytes: number
  reason: typeof REASONS[number]
  /** Processes that the cgroup's OOM killer killed meanwhile. */
  oomKills: number
  /** What the program wrote, discarded bytes included. */
  stdoutBytes: number
  stderrBytes: number
  /** What the program has left running, if it was to live on. */
  left?: readonly LeftProcess[]
  /** Set by the server, not by the agent: the language's runtime said on stderr that it had no memory left. */
  isOutOfMemory?: boolean
}

const RESULT_FIELDS = {
  exitCode: { tag: 1, kind: 'u32' },
  signal: { tag: 2, kind: 'u32' },
  wallUs: { tag: 3, kind: 'u64' },
  cpuUs: { tag: 4, kind: 'u64' },
  peakMemoryBytes: { tag: 5, kind: 'u64' },
  reason: { tag: 6, kind: 'u8' },
  oomKills: { tag: 7, kind: 'u32' },
  stdoutBytes: { tag: 8, kind: 'u64' },
  stderrBytes: { tag: 9, kind: 'u64' },
  left: { tag: 10, kind: 'bytes' }
} as const

export function decodeRunResult (payload: Buffer): RunResult {
  const { exitCode, signal, ...fields } = decodeFields(payload, RESULT_FIELDS)
  if ((exitCode === undefined) === (signal === undefined)) {
    throw new AgentProtocolError('the agent sent not just one of exit code and signal')
  }
  if (exitCode !== undefined && exitCode > 255) throw new AgentProtocolError(`the agent sent the exit code ${exitCode}`)
  if (signal !== undefined && (signal < 1 || signal > 64)) throw new AgentProtocolError(`the agent sent the signal ${signal}`)
  const reason = REASONS[required('reason', fields.reason)]
  if (reason === undefined) throw new AgentProtocolError(`the agent sent the reason ${fields.reason}`)
  return {
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    wallUs: required('wallUs', fields.wallUs),
    cpuUs: required('cpuUs', fields.cpuUs),
    peakMemoryBytes: required('peakMemoryBytes', fields.peakMemoryBytes),
    reason,
    oomKills: required('oomKills', fields.oomKills),
    stdoutBytes: required('stdoutBytes', fields.stdoutBytes),
    stderrBytes: required('stderrBytes', fields.stderrBytes),
    ...(fields.left !== undefined && { left: decodeLeft(fields.left) })
  }
}

function decodeLeft (bytes: Buffer): LeftProcess[] {
  const left: LeftProcess[] = []
  for (let offset = 0; offset < bytes.length;) {
    const nameBytes = bytes[offset + 4]
    if (nameBytes === undefined || offset + 5 + nameBytes > bytes.length) throw new AgentProtocolError('the agent sent half a process')
    left.push({ pid: bytes.readUInt32BE(offset), name: bytes.toString('utf8', offset + 5, offset + 5 + nameBytes) })
    offset += 5 + nameBytes
  }
  return left
}

/** Payload of OPEN for RESET. */
export function encodeReset (): Buffer {
  return Buffer.of(Operation.RESET)
}

export function decodeResetResult (payload: Buffer): { removedEntries: number } {
  const fields = decodeFields(payload, { removedEntries: { tag: 1, kind: 'u32' } })
  return { removedEntries: required('removedEntries', fields.removedEntries) }
}
