import { isDockerError } from '../../docker/index.ts'
import { AgentLostError } from '../../sandbox/agent-client/errors.ts'
import { openRun, type AgentRun } from '../../sandbox/agent-client/operations.ts'
import type { RunResult } from '../../sandbox/agent-protocol.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { Stage } from './plan.ts'

/** How much later than the agent the server gives up on a run: then the agent itself does not answer. */
const SERVER_GRACE_MS = 5_000

export interface StageOutcome {
  /** Undefined when the whole sandbox fell to the OOM killer before the agent could report. */
  readonly result: RunResult | undefined
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly truncated: { readonly output: boolean, readonly error: boolean }
}

export interface StageOptions {
  readonly stage: Stage
  readonly env: Readonly<Record<string, string>>
  readonly input: Buffer
  readonly outputLimitBytes: number
  readonly signal: AbortSignal
}

/** Runs one program to its end. Rejects with AgentLostError when the sandbox is gone and it was not for want of memory. */
export async function runStage (sandbox: Sandbox, options: StageOptions): Promise<StageOutcome> {
  const { stage, env, input, outputLimitBytes, signal } = options
  const stdout = createCappedBuffer(outputLimitBytes)
  const stderr = createCappedBuffer(outputLimitBytes)
  const run = openRun(sandbox.agent, { args: stage.args, env, wallMs: stage.wallMs, outputLimitBytes }, {
    onOutput: (stream, bytes) => (stream === 'stdout' ? stdout : stderr).add(bytes)
  })
  run.sendInput(input)
  run.endInput()
  const result = await guard(sandbox, run, stage.wallMs + SERVER_GRACE_MS, signal)
  return {
    result,
    stdout: stdout.bytes(),
    stderr: stderr.bytes(),
    truncated: {
      output: (result?.stdoutBytes ?? 0) > outputLimitBytes,
      error: (result?.stderrBytes ?? 0) > outputLimitBytes
    }
  }
}

/** Passes an abort on to the agent, and ends an agent that does not answer in time. */
async function guard (sandbox: Sandbox, run: AgentRun, deadlineMs: number, signal: AbortSignal): Promise<RunResult | undefined> {
  const giveUp = (): void => sandbox.agent.close()
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
    if (error instanceof AgentLostError && await fellToOomKiller(sandbox)) return undefined
    throw error
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', onAbort)
  }
}

async function fellToOomKiller (sandbox: Sandbox): Promise<boolean> {
  try {
    return await sandbox.wasOomKilled()
  } catch (error) {
    // Removed meanwhile: then it was us, not the kernel.
    if (isDockerError(error, 'not_found')) return false
    throw error
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
