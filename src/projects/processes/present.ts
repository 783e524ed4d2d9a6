import { posix } from 'node:path'
import { Compile } from 'typebox/compile'
import Type, { type Static } from 'typebox'
import { closed } from '../../lib/schemas.ts'
import { signalName } from '../../lib/signals.ts'
import type { KeptProcess, ListeningPort, RunningProcess, StartRequest, StartResult } from '../../sandbox/agent-protocol.ts'
import type { OtherProcess, ProcessReport } from './schemas.ts'

/** What is written on a process for lists; it comes back from the sandbox, where anybody may have written it. */
const LabelSchema = Type.Object({
  name: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
  cmd: Type.Union([Type.String(), Type.Array(Type.String())]),
  cwd: Type.Union([Type.String(), Type.Null()]),
  keep: Type.Boolean(),
  keepAwake: Type.Boolean()
}, closed)
export type Label = Static<typeof LabelSchema>
const validator = Compile(LabelSchema)

const LABEL_BYTES = 4096
const CMD_CHARACTERS = 500
const INIT_PID = 1
// As lists have them.
const NAME_BYTES = 15
const ARGUMENTS_BYTES = 256

/** Cut off where the command is longer than is good for a list. */
export function encodeLabel (label: Label): string {
  const cmd = typeof label.cmd === 'string' ? label.cmd.slice(0, CMD_CHARACTERS) : label.cmd.slice(0, 16).map((argument) => argument.slice(0, CMD_CHARACTERS / 16))
  const text = JSON.stringify({ ...label, cmd })
  return Buffer.byteLength(text) <= LABEL_BYTES ? text : JSON.stringify({ ...label, cmd: '…', cwd: null })
}

function decodeLabel (text: string): Label {
  try {
    const value: unknown = JSON.parse(text)
    if (validator.Check(value)) return value
  } catch { /* no JSON */ }
  return { name: null, cmd: '', cwd: null, keep: false, keepAwake: false }
}

export interface Found {
  readonly kept: readonly KeptProcess[]
  readonly running: readonly RunningProcess[]
  readonly ports: readonly ListeningPort[]
}

const statuses = { running: 'running', stopping: 'running', waiting: 'restarting', ended: 'exited' } as const

function presentState (process: KeptProcess) {
  const hasStatus = process.state === 'ended' || process.state === 'waiting'
  return {
    status: statuses[process.state],
    exitCode: hasStatus ? process.exitCode ?? null : null,
    signal: hasStatus && process.signal !== undefined ? signalName(process.signal) : null,
    startedAt: instant(process.startedAt),
    endedAt: hasStatus ? instant(process.endedAt) : null,
    restarts: process.restarts
  }
}

/** A start or an end, for events. */
export function presentChange (process: KeptProcess) {
  const { name, keep } = decodeLabel(process.label)
  const state = presentState(process)
  const action = state.status !== 'running' ? 'ended' : state.restarts > 0 ? 'restarted' : 'started'
  return { action, process: { id: process.id, name, keep, hasTerminal: process.size !== undefined, ...state } }
}

export function presentProcess (process: KeptProcess, { running, ports }: Omit<Found, 'kept'>): ProcessReport {
  const tree = running.filter(({ owner }) => owner === process.id).map((member) => presentMember(member, ports))
  return {
    id: process.id,
    ...decodeLabel(process.label),
    pid: process.pid === 0 ? null : process.pid,
    ...presentState(process),
    restart: process.restart,
    size: process.size ?? null,
    output: process.output,
    usage: {
      cpuTime: tree.reduce((sum, { usage }) => sum + usage.cpuTime, 0),
      memory: tree.reduce((sum, { usage }) => sum + usage.memory, 0)
    },
    ports: tree.flatMap((member) => member.ports).sort((a, b) => a - b),
    tree
  }
}

/** One that has just been started, as far as its start tells: to look through all that runs takes three times as long. */
export function presentStarted ({ id, label, size, restart, args }: StartRequest, { pid, startedAt }: StartResult): ProcessReport {
  const program: RunningProcess = {
    kind: 'running', pid, parent: INIT_PID, startTicks: 0, cpuMs: 0, residentBytes: 0, owner: id,
    name: cut(posix.basename(args[0]), NAME_BYTES), command: cut(args.join('\0'), ARGUMENTS_BYTES).split('\0')
  }
  return presentProcess({
    kind: 'kept', id, label, state: 'running', pid, exitCode: undefined, signal: undefined, startedAt, endedAt: 0, restarts: 0, size, restart, output: { first: 0, end: 0 }, isBusy: false, attached: 0, quietMs: 0
  }, { running: [program], ports: [] })
}

function cut (text: string, bytes: number): string {
  return Buffer.from(text).toString('utf8', 0, bytes)
}

export function presentOther (process: RunningProcess, { ports }: Found): OtherProcess {
  return { id: idOfOther(process), ...presentMember(process, ports) }
}

export function idOfOther ({ pid, startTicks }: Pick<RunningProcess, 'pid' | 'startTicks'>): string {
  return `${pid}-${startTicks}`
}

function presentMember ({ pid, parent, name, command, cpuMs, residentBytes }: RunningProcess, ports: readonly ListeningPort[]) {
  return {
    pid, parent, name, command: [...command],
    usage: { cpuTime: cpuMs, memory: residentBytes },
    ports: ports.filter((port) => port.pid === pid).map(({ port }) => port)
  }
}

function instant (ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString()
}
