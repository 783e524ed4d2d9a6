import type { AgentConnection } from './agent-client/connection.ts'
import { AgentLostError } from './agent-client/errors.ts'
import { openRun, type AgentRun, type ProgramHandlers } from './agent-client/operations.ts'
import type { RunResult } from './agent-protocol.ts'

/** How much later than the agent the server gives up on a run: then the agent itself does not answer. */
const SERVER_GRACE_MS = 5_000

export interface ProgramOutcome {
  /** Undefined when the whole sandbox was OOM-killed before the agent could report. */
  readonly result: RunResult | undefined
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly truncated: { readonly output: boolean, readonly error: boolean }
}

export interface Program {
  readonly args: readonly [string, ...string[]]
  readonly wallMs: number
  /** CPU time of the whole tree; default no limit. */
  readonly cpuMs?: number | undefined
  /** How far the stack may grow; default what the sandbox has. */
  readonly stackBytes?: number | undefined
  readonly env: Readonly<Record<string, string>>
  /** Beneath the agent's root; default the root itself. */
  readonly cwd?: string | undefined
  readonly input: Buffer
  readonly outputLimitBytes: number
  /** What it has started may outlive it, if it ends by itself; the agent takes no other program then. */
  readonly leaves?: boolean | undefined
}

/** A program that has been asked for: until its end it can be given input and signals. */
export type StartedProgram = Omit<AgentRun, 'result'> & { readonly result: Promise<RunResult | undefined> }

/** What a program runs in. */
export interface ProgramSandbox {
  readonly agent: AgentConnection
  /** What the agent keeps of the whole sandbox's memory; undefined where the container's own limit does. */
  readonly programMemoryBytes?: () => number | undefined
  /** Whether something in the container was OOM-killed just now; asked after the agent was lost. */
  readonly wasOomKilled: () => Promise<boolean>
}

/**
 * Starts one program; an aborted signal kills it with everything it started. Its input stays open until it is ended. The
 * result is undefined when the whole sandbox was OOM-killed before the agent could report, and rejects with
 * AgentLostError when the sandbox is gone for another reason.
 */
export function startProgram (sandbox: ProgramSandbox, program: Program, handlers: ProgramHandlers, signal: AbortSignal): StartedProgram {
  const { args, env, cwd, input, wallMs, cpuMs, stackBytes, outputLimitBytes, leaves = false } = program
  const memoryBytes = sandbox.programMemoryBytes?.()
  const run = openRun(sandbox.agent, {
    args,
    env,
    wallMs,
    outputLimitBytes,
    reportInputWait: handlers.onInputWait !== undefined,
    leave: leaves,
    ...(cpuMs === undefined ? {} : { cpuMs }),
    ...(stackBytes === undefined ? {} : { stackBytes }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(cwd === undefined ? {} : { cwd })
  }, handlers)
  run.sendInput(input)
  const result = guard(sandbox, run, wallMs + SERVER_GRACE_MS, signal)
  // Its starter may have other work to do before it awaits the result.
  result.catch(() => undefined)
  return { ...run, result }
}

/** Starts one program whose input is all there, and passes its output on. */
export async function streamProgram (sandbox: ProgramSandbox, program: Program, handlers: ProgramHandlers, signal: AbortSignal): Promise<RunResult | undefined> {
  const run = startProgram(sandbox, program, handlers, signal)
  run.endInput()
  return await run.result
}

/** Runs one program with the given input and collects what it prints. */
export async function runProgram (sandbox: ProgramSandbox, program: Program, signal: AbortSignal): Promise<ProgramOutcome> {
  const stdout = createCappedBuffer(program.outputLimitBytes)
  const stderr = createCappedBuffer(program.outputLimitBytes)
  const result = await streamProgram(sandbox, program, {
    onOutput: (stream, bytes) => (stream === 'stdout' ? stdout : stderr).add(bytes)
  }, signal)
  return { result, stdout: stdout.bytes(), stderr: stderr.bytes(), truncated: truncationOf(result, program.outputLimitBytes) }
}

/** Of which streams only the first `limitBytes` were passed on. */
export function truncationOf (result: RunResult | undefined, limitBytes: number): ProgramOutcome['truncated'] {
  return {
    output: (result?.stdoutBytes ?? 0) > limitBytes,
    error: (result?.stderrBytes ?? 0) > limitBytes
  }
}

/** Passes an abort on to the agent, and ends an agent that does not answer in time. */
async function guard ({ agent, wasOomKilled }: ProgramSandbox, run: AgentRun, deadlineMs: number, signal: AbortSignal): Promise<RunResult | undefined> {
  const giveUp = (): void => agent.close()
  let deadline = setTimeout(giveUp, deadlineMs)
  const onAbort = (): void => {
    run.cancel()
    clearTimeout(deadline)
    deadline = setTimeout(giveUp, SERVER_GRACE_MS)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await run.result
  } catch (error) {
    if (error instanceof AgentLostError && await wasOomKilled()) return undefined
    throw error
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', onAbort)
  }
}

/** The agent keeps to the limit; what a broken one sent beyond it is dropped. */
function createCappedBuffer (limitBytes: number) {
  const chunks: Buffer[] = []
  let size = 0
  return {
    add (bytes: Buffer): void {
      const kept = bytes.subarray(0, limitBytes - size)
      if (kept.length === 0) return
      size += kept.length
      chunks.push(kept)
    },
    bytes: (): Buffer => Buffer.concat(chunks, size)
  }
}
