import type { Config } from '../../config.ts'
import { isDockerError } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import type { FairQueue } from '../../lib/fair-queue.ts'
import { putFile } from '../../sandbox/agent-client/operations.ts'
import type { Claim, Pool } from '../../sandbox/pool/pool.ts'
import { streamProgram, truncationOf, type ProgramHandlers, type ProgramOutcome } from '../../sandbox/run-program.ts'
import { runStatus } from '../../sandbox/run-summary.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { Readiness } from '../languages/readiness.ts'
import { collectArtifacts } from './artifacts.ts'
import { cpuSharesFor } from './cpu-shares.ts'
import { translateRunError } from './errors.ts'
import type { RunObserver, StageName } from './observer.ts'
import { planExecution, type ExecutionPlan, type Stage } from './plan.ts'
import type { ExecutionOutcome } from './result.ts'
import type { ExecuteBody } from './schemas.ts'

export interface TimedOutcome extends ExecutionOutcome {
  readonly queueMs: number
  readonly claimMs: number
}

export interface ExecutionService {
  /** What a request amounts to. Throws the contract's error for what cannot be run, or not within these ceilings. */
  readonly plan: (body: ExecuteBody, ceilings?: Partial<Config['execution']>) => ExecutionPlan
  /**
   * Runs a plan to its end. An aborted signal takes it out of the queue, for which this rejects with its reason, or kills
   * it with everything it started.
   */
  readonly run: (owner: string, plan: ExecutionPlan, observer: RunObserver, signal: AbortSignal) => Promise<TimedOutcome>
}

export function createExecutionService ({ pool, queue, longQueue, readiness, limits, diskBytes }: {
  pool: Pool
  queue: FairQueue
  longQueue: FairQueue
  readiness: Readiness
  limits: Config['execution']
  diskBytes: number
}): ExecutionService {
  async function run (owner: string, plan: ExecutionPlan, observer: RunObserver, signal: AbortSignal): Promise<TimedOutcome> {
    const queuedAt = performance.now()
    return await (plan.isLong ? longQueue : queue).run(owner, async (heldLately) => {
      const claimedAt = performance.now()
      const claim = await claimSandbox(plan.runtime.definition.language, owner, signal)
      const times = { queueMs: claimedAt - queuedAt, claimMs: performance.now() - claimedAt }
      let verdict: 'reusable' | 'discard' = 'discard'
      try {
        observer.onClaim(claim.sandbox.id)
        const outcome = await runPlan(claim.sandbox, plan, cpuSharesFor(heldLately), observer, signal)
        if (isAlive(outcome)) verdict = 'reusable'
        return { ...outcome, ...times }
      } finally {
        claim.release(verdict)
      }
    }, signal)
  }

  async function claimSandbox (language: string, owner: string, signal: AbortSignal): Promise<Claim> {
    try {
      return await pool.claim(language, owner, signal)
    } catch (error) {
      if (!isDockerError(error, 'not_found')) throw error
      readiness.forget(language)
      throw Object.assign(new errors.LANGUAGE_NOT_READY(language), { cause: error })
    }
  }

  async function runPlan (sandbox: Sandbox, plan: ExecutionPlan, cpuShares: number | undefined, observer: RunObserver, signal: AbortSignal): Promise<ExecutionOutcome> {
    const first = plan.compile ?? plan.run
    await limitStage(sandbox, plan, first, signal, cpuShares)
    const runStage = async (name: StageName, stage: Stage, input: Buffer, isInteractive: boolean): Promise<ProgramOutcome> => {
      const hasRoom = stage === first || await limitNextStage(sandbox, plan, stage, signal)
      const program = { ...stage, input, env: plan.env, outputLimitBytes: plan.outputLimitBytes }
      const handlers: ProgramHandlers = {
        onOutput: (stream, bytes) => observer.onOutput(name, stream, bytes),
        ...(isInteractive ? { onInputWait: observer.onInputWait } : {}),
        onOpen: (run) => {
          observer.onStage(name, run)
          if (!isInteractive) run.endInput()
        }
      }
      const result = hasRoom ? await streamProgram(sandbox, program, handlers, signal) : undefined
      return { result, ...observer.onStageEnd(name, result), truncated: truncationOf(result, plan.outputLimitBytes) }
    }
    // Not awaited one by one: files and program leave in one packet, and the agent takes them in order.
    const placed = Promise.all(plan.files.map(({ path, content }) => putFile(sandbox.agent, path, content)))
    const none = { artifacts: [], warnings: [] }
    if (plan.compile !== undefined) {
      const [compile] = await Promise.all([runStage('compile', plan.compile, Buffer.alloc(0), false), placed])
      if (runStatus(compile.result) !== 'completed') return { compile, run: undefined, ...none }
      const run = await runStage('run', plan.run, plan.input, plan.isInteractive)
      return { compile, run, ...await artifactsOf(sandbox, plan, run) }
    }
    const [run] = await Promise.all([runStage('run', plan.run, plan.input, plan.isInteractive), placed])
    return { compile: undefined, run, ...await artifactsOf(sandbox, plan, run) }
  }

  async function artifactsOf (sandbox: Sandbox, plan: ExecutionPlan, run: ProgramOutcome): Promise<Pick<ExecutionOutcome, 'artifacts' | 'warnings'>> {
    if (run.result === undefined) return { artifacts: [], warnings: [] }
    return await collectArtifacts(sandbox.agent, plan.artifacts, limits.artifactsMaxBytes)
  }

  return {
    plan: (body, ceilings) => planExecution(body, readiness.find(body.language), { ...limits, ...ceilings }, diskBytes),
    async run (owner, plan, observer, signal) {
      try {
        return await run(owner, plan, observer, signal)
      } catch (error) {
        throw translateRunError(error, pool.isClosed())
      }
    }
  }
}

async function limitStage (sandbox: Sandbox, { memoryBytes, cpus }: ExecutionPlan, stage: Stage, signal: AbortSignal, cpuShares?: number): Promise<void> {
  await sandbox.setLimits({ memoryBytes: stage.memoryBytes ?? memoryBytes, cpus, cpuShares }, signal)
}

/** False when the files that the stage before has left alone take more memory than this one may have. */
async function limitNextStage (sandbox: Sandbox, plan: ExecutionPlan, stage: Stage, signal: AbortSignal): Promise<boolean> {
  try {
    await limitStage(sandbox, plan, stage, signal)
    return true
  } catch (error) {
    // With cgroup v1 the limit cannot be set below what is in use; v2 sets it, and kills.
    if (isDockerError(error, 'server_error') && error.daemonMessage?.includes('unable to set memory limit') === true) return false
    throw error
  }
}

/** After a loss of the agent there is nothing to be reset. */
function isAlive (outcome: ExecutionOutcome): boolean {
  return [outcome.compile, outcome.run].every((stage) => stage === undefined || stage.result !== undefined)
}
