import { isDockerError } from '../../docker/index.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import { withAgentDeadline } from '../../sandbox/agent-client/deadline.ts'
import { AgentLostError } from '../../sandbox/agent-client/errors.ts'
import { placeFiles, type Placement } from '../../sandbox/agent-client/place-files.ts'
import { startProgram, truncationOf, type ProgramOutcome } from '../../sandbox/run-program.ts'
import { runStatus } from '../../sandbox/run-summary.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { collectArtifacts } from './artifacts.ts'
import { createExhaustionWatch } from './exhaustion.ts'
import { takeCargo, type ExecutionPlan, type Stage } from './plan.ts'
import type { ExecutionOutcome } from './result.ts'
import type { RunningSession } from './session.ts'
import { describeStartFailure, startFailureOf } from './start-failure.ts'
import type { StageName } from './tap.ts'

/** An agent that takes longer than this to take or give files, or to say that it lives, does not answer. */
const AGENT_DEADLINE_MS = 30_000

/** Carries a plan out in a sandbox: files, compiler, program, artifacts. An aborted signal kills what runs. */
export async function runStages (sandbox: Sandbox, session: RunningSession, cpuShares: number): Promise<ExecutionOutcome> {
  const { plan, killed: signal } = session
  const { files, input } = takeCargo(plan)
  const first = plan.compile ?? plan.run

  async function runStage (name: StageName, stage: Stage, given: Buffer, isInteractive: boolean, cancelled: AbortSignal): Promise<ProgramOutcome> {
    const hasRoom = stage === first || await limitNextStage(sandbox, plan, stage, signal)
    // The stack may grow into all the memory that there is: deep recursion is no mistake of its own.
    const stackBytes = Math.min(stage.memoryBytes ?? plan.memoryBytes, plan.runtime.definition.limits.stack ?? Infinity)
    const program = { ...stage, stackBytes, input: given, env: plan.env, outputLimitBytes: plan.outputLimitBytes }
    const exhaustion = createExhaustionWatch(plan.runtime.definition.errors?.memory)
    const ended = hasRoom
      ? await startOrExplain(name, async () => {
        const run = startProgram(sandbox, program, {
          onOutput: (stream, bytes) => {
            exhaustion.add(stream, bytes)
            session.addOutput(name, stream, bytes)
          },
          ...(isInteractive ? { onInputWait: session.noteInputWait } : {})
        }, cancelled)
        session.startStage(name, run)
        if (!isInteractive) run.endInput()
        return await run.result
      })
      : undefined
    const result = exhaustion.judge(ended)
    return { result, ...session.endStage(name, result), truncated: truncationOf(result, plan.outputLimitBytes) }
  }

  /** What cannot be started is an error of the program, told as a shell tells it. */
  async function startOrExplain (name: StageName, start: () => Promise<ProgramOutcome['result']>): Promise<ProgramOutcome['result']> {
    try {
      return await start()
    } catch (error) {
      const failure = startFailureOf(error)
      if (failure === undefined) throw error
      session.addOutput(name, 'stderr', Buffer.from(describeStartFailure(failure, name === 'run' && plan.compile !== undefined)))
      return failure.result
    }
  }

  /** Runs the first program: at once when its files have been sent with it, else when they are in place. */
  async function runFirst ({ placed, isSent }: Placement): Promise<ProgramOutcome> {
    if (!isSent) await withAgentDeadline(sandbox.agent, AGENT_DEADLINE_MS, placed, signal)
    const refused = new AbortController()
    placed.catch((error: unknown) => refused.abort(error))
    const cancelled = joinSignals(signal, refused.signal)
    const running = plan.compile !== undefined
      ? runStage('compile', plan.compile, Buffer.alloc(0), false, cancelled)
      : runStage('run', plan.run, input, plan.isInteractive, cancelled)
    await Promise.allSettled([running, placed])
    // First, because a file that is refused is what cancelled the program.
    await placed
    return await running
  }

  async function finish (compile: ProgramOutcome | undefined, run: ProgramOutcome): Promise<ExecutionOutcome> {
    if (run.result === undefined || plan.artifacts.length === 0) return { compile, run, artifacts: [], warnings: [] }
    const collecting = collectArtifacts(sandbox.agent, plan.artifacts)
    return { compile, run, ...await withAgentDeadline(sandbox.agent, AGENT_DEADLINE_MS, collecting) }
  }

  await limitStage(sandbox, plan, first, signal, cpuShares)
  const outcome = await runFirst(placeFiles(sandbox.agent, files))
  if (plan.compile === undefined) return await finish(undefined, outcome)
  if (runStatus(outcome.result) !== 'completed') return { compile: outcome, run: undefined, artifacts: [], warnings: [] }
  return await finish(outcome, await runStage('run', plan.run, input, plan.isInteractive, signal))
}

async function limitStage (sandbox: Sandbox, { memoryBytes, cpus }: ExecutionPlan, stage: Stage, signal: AbortSignal, cpuShares?: number): Promise<void> {
  await sandbox.setLimits({ memoryBytes: stage.memoryBytes ?? memoryBytes, cpus, cpuShares }, signal)
}

/** False when the files that the stage before has left alone take more memory than this one may have. */
async function limitNextStage (sandbox: Sandbox, plan: ExecutionPlan, stage: Stage, signal: AbortSignal): Promise<boolean> {
  try {
    await limitStage(sandbox, plan, stage, signal)
  } catch (error) {
    // With cgroup v1 the limit cannot be set below what is in use.
    if (isDockerError(error, 'server_error') && error.daemonMessage?.includes('unable to set memory limit') === true) return false
    throw error
  }
  try {
    // With v2 it is set, and before the call returns the kernel ends what is in the control group: the agent.
    await withAgentDeadline(sandbox.agent, AGENT_DEADLINE_MS, sandbox.agent.ping(), signal)
    return true
  } catch (error) {
    if (error instanceof AgentLostError && !signal.aborted) return false
    throw error
  }
}
