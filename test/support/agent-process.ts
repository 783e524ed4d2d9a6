import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  createFrameReader, decodeError, decodeRunEvent, decodeRunResult, encodeCredit, encodeFrame, encodeRun, encodeServerHello,
  EventKind, FrameType, type AgentFailure, type Frame, type RunRequest, type RunResult, type ValueOf
} from '../../src/sandbox/agent-protocol.ts'

export interface AgentOptions {
  binary: string
  root: string
  cgroup?: string
  scratch?: string[]
  /** A command that starts the agent: `unshare …`, `setpriv …`. */
  wrapper?: readonly string[]
  /** For output too large to be kept. */
  dropData?: boolean
}

export interface AgentProcess {
  pid: number
  frames: Frame[]
  stderr: () => string
  write (bytes: Uint8Array): void
  send (type: ValueOf<typeof FrameType>, channel: number, payload?: Uint8Array, stream?: number): void
  /** The first frame, past or coming, that fits. Fails when the agent ends without one. */
  waitFor (matches: (frame: Frame) => boolean, what: string): Promise<Frame>
  endInput (): void
  pauseOutput (): void
  resumeOutput (): void
  kill (signal: NodeJS.Signals): void
  /** Exit code, once the agent is gone; for one killed by a signal its negative name does not matter: null. */
  exited: Promise<number | null>
}

/** Starts `agent serve` on pipes. Frames are copied, so that they may be kept. */
export function startAgent (options: AgentOptions): AgentProcess {
  const command = [...options.wrapper ?? [], options.binary, 'serve', '--root', options.root,
    ...options.cgroup === undefined ? [] : ['--cgroup', options.cgroup],
    ...(options.scratch ?? []).flatMap((path) => ['--scratch', path])]
  const child = spawn(command[0]!, command.slice(1), { stdio: 'pipe' })
  const frames: Frame[] = []
  const waiters = new Set<() => void>()
  let errors = ''
  let ended = false
  const notify = () => waiters.forEach((check) => check())
  const reader = createFrameReader((frame) => {
    if (!options.dropData || frame.type !== FrameType.DATA) frames.push({ ...frame, payload: Buffer.from(frame.payload) })
  })
  child.stdout.on('data', (chunk: Buffer) => {
    reader.push(chunk)
    notify()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text })
  // Writing to an agent that has hung up is what some tests are about.
  child.stdin.on('error', () => {})
  const exited = once(child, 'close').then(([code]) => {
    ended = true
    notify()
    return code as number | null
  })
  const write = (bytes: Uint8Array) => void child.stdin.write(bytes)

  return {
    pid: child.pid!,
    frames,
    stderr: () => errors,
    write,
    send: (type, channel, payload = Buffer.alloc(0), stream = 0) => write(encodeFrame({ type, channel, stream, payload })),
    waitFor: (matches, what) => new Promise((resolve, reject) => {
      let seen = 0
      const check = () => {
        // A test may have emptied the list.
        if (seen > frames.length) seen = 0
        const found = frames.slice(seen).find(matches)
        seen = frames.length
        if (!found && !ended) return
        waiters.delete(check)
        if (found) resolve(found)
        else reject(new Error(`the agent ended without ${what}: ${errors}`))
      }
      waiters.add(check)
      check()
    }),
    endInput: () => void child.stdin.end(),
    pauseOutput: () => void child.stdout.pause(),
    resumeOutput: () => void child.stdout.resume(),
    kill: (signal) => void child.kill(signal),
    exited
  }
}

/** Answers the agent's HELLO, so that channels can be opened. */
export async function greet (agent: AgentProcess): Promise<void> {
  await agent.waitFor(({ type }) => type === FrameType.HELLO, 'HELLO')
  agent.send(FrameType.HELLO, 0, encodeServerHello())
}

export interface Run {
  channel: number
  started: Promise<number>
  waiting: () => Promise<Frame>
  input (text: string | Uint8Array): void
  endInput (): void
  signal (number: number): void
  cancel (): void
  /** Returns credit for what arrived, until the result is there. */
  finish (): Promise<RunOutcome>
}

export interface RunOutcome {
  stdout: string
  stderr: string
  result: RunResult
}

export function onChannel (channel: number, type: ValueOf<typeof FrameType>) {
  return (frame: Frame) => frame.channel === channel && frame.type === type
}

/** Opens a RUN and leaves it to the test what to do with it. */
export function openRun (agent: AgentProcess, channel: number, request: RunRequest): Run {
  agent.send(FrameType.OPEN, channel, encodeRun(request))
  const event = (kind: number) => (frame: Frame) => onChannel(channel, FrameType.EVENT)(frame) && frame.payload[0] === kind
  return {
    channel,
    started: started(),
    waiting: () => agent.waitFor(event(EventKind.WAITING_FOR_INPUT), 'a wait for input'),
    input: (text) => agent.send(FrameType.DATA, channel, Buffer.from(text)),
    endInput: () => agent.send(FrameType.END, channel),
    signal: (number) => agent.send(FrameType.SIGNAL, channel, Buffer.of(number)),
    cancel: () => agent.send(FrameType.CANCEL, channel),
    finish: () => finishRun(agent, channel)
  }

  async function started (): Promise<number> {
    const frame = await agent.waitFor((candidate) => event(EventKind.STARTED)(candidate) || onChannel(channel, FrameType.ERROR)(candidate), 'STARTED')
    if (frame.type === FrameType.ERROR) return 0
    const decoded = decodeRunEvent(frame.payload)
    return decoded.kind === EventKind.STARTED ? decoded.processId : 0
  }
}

async function finishRun (agent: AgentProcess, channel: number): Promise<RunOutcome> {
  const credited = new Set<Frame>()
  const isLast = (frame: Frame) => {
    if (frame.channel === channel && frame.type === FrameType.DATA && !credited.has(frame)) {
      credited.add(frame)
      agent.send(FrameType.CREDIT, channel, encodeCredit(frame.payload.length), frame.stream)
    }
    return onChannel(channel, FrameType.RESULT)(frame) || onChannel(channel, FrameType.ERROR)(frame)
  }
  const last = await agent.waitFor(isLast, 'RESULT')
  if (last.type === FrameType.ERROR) throw new AgentRefusal(decodeError(last.payload))
  return { stdout: streamText(agent, channel, 1), stderr: streamText(agent, channel, 2), result: decodeRunResult(last.payload) }
}

export class AgentRefusal extends Error {
  readonly code: number

  constructor (failure: AgentFailure) {
    super(failure.message)
    this.code = failure.code
  }
}

export function streamBytes (agent: AgentProcess, channel: number, stream: number): Buffer {
  return Buffer.concat(agent.frames.filter((frame) => onChannel(channel, FrameType.DATA)(frame) && frame.stream === stream).map(({ payload }) => payload))
}

function streamText (agent: AgentProcess, channel: number, stream: number): string {
  return streamBytes(agent, channel, stream).toString()
}
