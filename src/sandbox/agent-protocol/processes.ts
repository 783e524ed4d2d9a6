import { checkOpen } from './connection.ts'
import { EventKind, Operation } from './constants.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, required } from './fields.ts'
import { writeCommand, type CommandRequest } from './run.ts'

export interface ScreenSize {
  readonly cols: number
  readonly rows: number
}

export const restartPolicies = ['never', 'on-failure', 'always'] as const
export type RestartPolicy = typeof restartPolicies[number]

export interface StartRequest extends CommandRequest {
  /** At most 63 bytes; its environment should have it as `BERTH_PROCESS`, first of all. */
  id: string
  /** What lists are to say of it, at most 4096 bytes. */
  label: string
  /** On a terminal of that size; without it on pipes. */
  size?: ScreenSize | undefined
  restart: RestartPolicy
  /** It ends, and is forgotten, when nobody has been attached for so long (10 s at least for the first to come), and with it, if it has a terminal, what it has started. */
  patienceMs?: number
  /** When memory is short it goes before the others. */
  isFirstToGo?: boolean
}

/** Payload of OPEN for START. Throws RangeError when it does not fit in a frame. */
export function encodeStart ({ id, label, size, restart, patienceMs, isFirstToGo, ...command }: StartRequest): Buffer {
  const fields = createFieldWriter()
  writeCommand(fields, command)
  fields.bytes(16, id)
  fields.bytes(17, label)
  fields.u32(18, size === undefined ? undefined : encodeSize(size))
  fields.u32(19, restartPolicies.indexOf(restart))
  fields.u32(20, patienceMs)
  fields.bytes(21, isFirstToGo === true ? '' : undefined)
  return checkOpen(fields.concat(Buffer.of(Operation.START)))
}

export interface StartResult {
  readonly pid: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

export function decodeStartResult (payload: Buffer): StartResult {
  const { pid, startedAt } = decodeFields(payload, { pid: { tag: 1, kind: 'u32' }, startedAt: { tag: 2, kind: 'u64' } })
  return { pid: required('pid', pid), startedAt: required('startedAt', startedAt) }
}

export interface AttachRequest {
  id: string
  /** Position of the first byte that is wanted; default the oldest that is kept. */
  from?: number | undefined
  /** The process waits when everybody who holds it is far behind. Without it bytes may be lost. */
  holds?: boolean
  /** Ends where the output ends at the moment. */
  untilNow?: boolean
  /** The end of what is sent is the end of its input. */
  closesInput?: boolean
  /** Only to send input. */
  withoutOutput?: boolean
}

/** Payload of OPEN for ATTACH. */
export function encodeAttach ({ id, from, holds, untilNow, closesInput, withoutOutput }: AttachRequest): Buffer {
  const flags = [holds, untilNow, closesInput, withoutOutput].reduce((sum, flag, bit) => flag === true ? sum | 1 << bit : sum, 0)
  const fields = createFieldWriter()
  fields.bytes(1, id)
  fields.u64(2, from)
  fields.u32(3, flags)
  return fields.concat(Buffer.of(Operation.ATTACH))
}

/** The position of the next byte, first of all and after bytes were lost; or the size of the terminal, before that and when it changes. */
export function decodeAttachEvent (payload: Buffer): { position: number } | { size: ScreenSize } {
  if (payload[0] !== EventKind.POSITION && payload[0] !== EventKind.SIZE) throw new AgentProtocolError(`the agent sent an unknown event ${payload[0]}`)
  const value = required('value', decodeFields(payload.subarray(1), { value: { tag: 1, kind: 'u64' } }).value)
  return payload[0] === EventKind.POSITION ? { position: value } : { size: decodeSize(value) }
}

export interface AttachResult {
  /** After the last byte. */
  readonly position: number
  /** Either of them if it has ended. */
  readonly exitCode: number | undefined
  readonly signal: number | undefined
}

export function decodeAttachResult (payload: Buffer): AttachResult {
  const { position, exitCode, signal } = decodeFields(payload, { position: { tag: 1, kind: 'u64' }, exitCode: { tag: 2, kind: 'u32' }, signal: { tag: 3, kind: 'u32' } })
  return { position: required('position', position), exitCode, signal }
}

export interface ControlRequest {
  id: string
  /** To its process group. */
  signal?: number
  size?: ScreenSize
  /** SIGTERM to its whole tree, and SIGKILL after so many milliseconds. */
  stopMs?: number
  /** And is started anew. */
  restart?: boolean
  /** It has ended, and is no more in the list. */
  forget?: boolean
}

/** Payload of OPEN for CONTROL. */
export function encodeControl ({ id, signal, size, stopMs, restart, forget }: ControlRequest): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, id)
  fields.u32(2, signal)
  fields.u32(3, size === undefined ? undefined : encodeSize(size))
  fields.u32(4, stopMs)
  fields.u8(5, forget === true ? 1 : undefined)
  fields.u8(6, restart === true ? 1 : undefined)
  return fields.concat(Buffer.of(Operation.CONTROL))
}

/** Payload of OPEN for KILL: a process that nobody keeps, and its descendants. */
export function encodeKill ({ pid, startTicks, signal }: { pid: number, startTicks: number, signal: number }): Buffer {
  const fields = createFieldWriter()
  fields.u32(1, pid)
  fields.u64(2, startTicks)
  fields.u32(3, signal)
  return fields.concat(Buffer.of(Operation.KILL))
}

/** Payload of OPEN for PROCESSES. */
export function encodeProcesses (): Buffer {
  return Buffer.of(Operation.PROCESSES)
}

export function decodeProcessesResult (payload: Buffer): void {
  decodeFields(payload, { truncated: { tag: 1, kind: 'u8' } })
}

const states = ['running', 'waiting', 'stopping', 'ended'] as const

/** A process that PID 1 keeps. */
export interface KeptProcess {
  readonly kind: 'kept'
  readonly id: string
  readonly label: string
  readonly state: typeof states[number]
  /** 0 while its program does not run. */
  readonly pid: number
  /** Of the last end; undefined before. */
  readonly exitCode: number | undefined
  readonly signal: number | undefined
  /** Milliseconds since 1970, of the last start and end; 0: never. */
  readonly startedAt: number
  readonly endedAt: number
  readonly restarts: number
  readonly size: ScreenSize | undefined
  readonly restart: RestartPolicy
  /** Positions of its output: of the oldest byte that is kept, and after the newest. */
  readonly output: { readonly first: number, readonly end: number }
  /** It is a shell, and a job of it is in the foreground. */
  readonly isBusy: boolean
  /** How many are attached. */
  readonly attached: number
  /** Milliseconds since a byte has gone either way, or since its start. */
  readonly quietMs: number
}

/** Payload of OPEN for FOLLOW. */
export function encodeFollow (after: number): Buffer {
  const fields = createFieldWriter()
  fields.u64(1, after)
  return fields.concat(Buffer.of(Operation.FOLLOW))
}

/** A start or an end of a process, and the number of that change. */
export interface ProcessChange {
  readonly number: number
  readonly process: KeptProcess
}

export function decodeProcessChange (payload: Buffer): ProcessChange {
  if (payload[0] !== EventKind.CHANGED) throw new AgentProtocolError(`the agent sent an unknown event ${payload[0]}`)
  const { number, entry } = decodeFields(payload.subarray(1), { number: { tag: 1, kind: 'u64' }, entry: { tag: 2, kind: 'bytes' } })
  const [process] = decodeProcesses(required('entry', entry))
  if (process?.kind !== 'kept') throw new AgentProtocolError('the agent sent a change of nothing')
  return { number: required('number', number), process }
}

/** A process of the sandbox. */
export interface RunningProcess {
  readonly kind: 'running'
  readonly pid: number
  readonly parent: number
  /** With the pid it is this process and no later one. */
  readonly startTicks: number
  readonly cpuMs: number
  readonly residentBytes: number
  /** Of the kept process whose tree it belongs to. */
  readonly owner: string | undefined
  /** As it calls itself, at most 15 bytes. */
  readonly name: string
  /** Its arguments, cut off after 256 bytes. */
  readonly command: readonly string[]
}

const KIND_KEPT = 1
const KIND_RUNNING = 2
const NO_STATUS = 0xffff
const HAS_TERMINAL = 1
const IS_BUSY = 2

/** The entries of one DATA frame, which never splits one. */
export function decodeProcesses (payload: Buffer): Array<KeptProcess | RunningProcess> {
  const reader = createReader(payload)
  const entries: Array<KeptProcess | RunningProcess> = []
  while (!reader.isAtEnd()) {
    const kind = reader.u8()
    if (kind === KIND_KEPT) entries.push(readKept(reader))
    else if (kind === KIND_RUNNING) entries.push(readRunning(reader))
    else throw new AgentProtocolError(`the agent sent a process of kind ${kind}`)
  }
  return entries
}

type Reader = ReturnType<typeof createReader>

function readKept (reader: Reader): KeptProcess {
  const id = reader.text(reader.u8())
  const label = reader.text(reader.u16())
  const state = states[reader.u8()]
  const pid = reader.u32()
  const status = reader.u16()
  const [startedAt, endedAt, restarts, terminal, size] = [reader.u64(), reader.u64(), reader.u32(), reader.u8(), reader.u32()]
  const restart = restartPolicies[reader.u8()]
  const output = { first: reader.u64(), end: reader.u64() }
  const [attached, quietMs] = [reader.u32(), reader.u64()]
  if (state === undefined || restart === undefined) throw new AgentProtocolError('the agent sent a process that cannot be')
  const [signal, exitCode] = [status >> 8, status & 0xff]
  return {
    kind: 'kept', id, label, state, pid, startedAt, endedAt, restarts, restart, output, attached, quietMs,
    exitCode: status === NO_STATUS || signal > 0 ? undefined : exitCode,
    signal: status === NO_STATUS || signal === 0 ? undefined : signal,
    size: (terminal & HAS_TERMINAL) === 0 ? undefined : decodeSize(size),
    isBusy: (terminal & IS_BUSY) !== 0
  }
}

function readRunning (reader: Reader): RunningProcess {
  const [pid, parent, startTicks, cpuMs, residentBytes] = [reader.u32(), reader.u32(), reader.u64(), reader.u64(), reader.u64()]
  const owner = reader.text(reader.u8())
  const name = reader.text(reader.u8())
  const command = reader.text(reader.u16()).split('\0')
  if (command.at(-1) === '') command.pop()
  return { kind: 'running', pid, parent, startTicks, cpuMs, residentBytes, owner: owner === '' ? undefined : owner, name, command }
}

function createReader (payload: Buffer) {
  let offset = 0
  function take (bytes: number): number {
    const at = offset
    offset += bytes
    if (offset > payload.length) throw new AgentProtocolError('the agent sent a broken list of processes')
    return at
  }
  return {
    isAtEnd: () => offset === payload.length,
    u8: () => payload.readUInt8(take(1)),
    u16: () => payload.readUInt16BE(take(2)),
    u32: () => payload.readUInt32BE(take(4)),
    u64 () {
      const value = payload.readBigUInt64BE(take(8))
      if (value > Number.MAX_SAFE_INTEGER) throw new AgentProtocolError(`the agent sent ${value} in a list of processes`)
      return Number(value)
    },
    text (bytes: number) {
      const at = take(bytes)
      return payload.toString('utf8', at, at + bytes)
    }
  }
}

function encodeSize ({ cols, rows }: ScreenSize): number {
  return (cols << 16 | rows) >>> 0
}

function decodeSize (size: number): ScreenSize {
  return { cols: size >>> 16, rows: size & 0xffff }
}
