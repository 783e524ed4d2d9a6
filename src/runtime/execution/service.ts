import { randomUUID } from 'node:crypto'
import type { Config } from '../../config.ts'
import { isDockerError } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { QueueFullError, type FairQueue } from '../../lib/fair-queue.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { putFile } from '../../sandbox/agent-client/operations.ts'
import { AgentProtocolError, ErrorCode } from '../../sandbox/agent-protocol.ts'
import { PoolClosedError, type Claim, type Pool } from '../../sandbox/pool/pool.ts'
import { runProgram, type ProgramOutcome } from '../../sandbox/run-program.ts'
import { runStatus } from '../../sandbox/run-summary.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { Readiness } from '../languages/readiness.ts'
import { collectArtifacts } from './artifacts.ts'
import { planExecution, type ExecutionPlan, type Stage } from './plan.ts'
import { presentResult, type ExecutionOutcome } from './result.ts'
import type { ExecuteBody, ExecuteResult, Status } from './schemas.ts'

export interface RunLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

/** What became of a run, and where its milliseconds went; for metrics. */
export interface RunRecord {
  readonly language: string
  readonly status: Status
  readonly queueMs: number
  readonly claimMs: number
  /** Undefined where nothing is compiled. */
  readonly compileMs: number | undefined
  readonly runMs: number
  readonly totalMs: number
}

export interface ExecutionService {
  /** Runs a program to its end. An aborted signal takes it out of the queue, or kills it with everything it started. */
  readonly execute: (owner: string, body: ExecuteBody, signal: AbortSignal, log: RunLog) => Promise<ExecuteResult>
}

export function createExecutionService ({ pool, queue, readiness, limits, diskBytes, observe }: {
  pool: Pool
  queue: FairQueue
  readiness: Readiness
  limits: Config['execution']
  diskBytes: number
  observe: (record: RunRecord) => void
}): ExecutionService {
  async function execute (owner: string, body: ExecuteBody, signal: AbortSignal, log: RunLog): Promise<ExecuteResult> {
    const plan = planExecution(body, readiness.find(body.language), limits, diskBytes)
    const sessionId = randomUUID()
    const queuedAt = performance.now()
    const times = { queue: 0, claim: 0 }
    const outcome = await queue.run(owner, async () => {
      times.queue = performance.now() - queuedAt
      const claimedAt = performance.now()
      const claim = await claimSandbox(plan.runtime.definition.language, owner, signal)
      times.claim = performance.now() - claimedAt
      let verdict: 'reusable' | 'discard' = 'discard'
      try {
        const outcome = await runPlan(claim.sandbox, plan, signal)
        if (isTrusted(outcome)) verdict = 'reusable'
        return outcome
      } finally {
        claim.release(verdict)
      }
    }, signal)
    const result = presentResult(sessionId, plan, outcome)
    const total = performance.now() - queuedAt
    observe({
      language: result.language,
      status: result.status,
      queueMs: times.queue,
      claimMs: times.claim,
      compileMs: result.compile?.executionTime,
      runMs: result.executionTime,
      totalMs: total
    })
    log.info({
      sessionId,
      language: result.language,
      status: result.status,
      executionTime: result.executionTime,
      cpuTime: result.cpuTime,
      queueTime: round(times.queue),
      claimTime: round(times.claim),
      totalTime: round(total)
    }, 'run')
    return result
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

  async function runPlan (sandbox: Sandbox, plan: ExecutionPlan, signal: AbortSignal): Promise<ExecutionOutcome> {
    await sandbox.setMemory(plan.memoryBytes, signal)
    const stage = async (stage: Stage, input: Buffer): Promise<ProgramOutcome> =>
      await runProgram(sandbox, { ...stage, input, env: plan.env, outputLimitBytes: plan.outputLimitBytes }, signal)
    // Not awaited one by one: files and program leave in one packet, and the agent takes them in order.
    const placed = Promise.all(plan.files.map(({ path, content }) => putFile(sandbox.agent, path, content)))
    const none = { artifacts: [], warnings: [] }
    if (plan.compile !== undefined) {
      const [compile] = await Promise.all([stage(plan.compile, Buffer.alloc(0)), placed])
      if (runStatus(compile.result) !== 'completed') return { compile, run: undefined, ...none }
      const run = await stage(plan.run, plan.input)
      return { compile, run, ...await artifactsOf(sandbox, plan, run) }
    }
    const [run] = await Promise.all([stage(plan.run, plan.input), placed])
    return { compile: undefined, run, ...await artifactsOf(sandbox, plan, run) }
  }

  async function artifactsOf (sandbox: Sandbox, plan: ExecutionPlan, run: ProgramOutcome): Promise<Pick<ExecutionOutcome, 'artifacts' | 'warnings'>> {
    if (run.result === undefined) return { artifacts: [], warnings: [] }
    return await collectArtifacts(sandbox.agent, plan.artifacts, limits.artifactsMaxBytes)
  }

  return {
    async execute (owner, body, signal, log) {
      try {
        return await execute(owner, body, signal, log)
      } catch (error) {
        throw translate(error, pool)
      }
    }
  }
}

/** Once the OOM killer was there, the Engine's OOMKilled no longer tells what a later loss of the sandbox was due to. */
function isTrusted (outcome: ExecutionOutcome): boolean {
  return [outcome.compile, outcome.run].every((stage) => stage === undefined || stage.result?.oomKills === 0)
}

function translate (error: unknown, pool: Pool): unknown {
  if (error instanceof QueueFullError) return Object.assign(new errors.QUEUE_FULL(), { retryAfterSeconds: error.retryAfterSeconds })
  if (error instanceof PoolClosedError || (error instanceof AgentLostError && pool.isClosed())) return new errors.SHUTTING_DOWN()
  if (error instanceof AgentOperationError) {
    if (error.code === ErrorCode.NO_SPACE) return new errors.TOO_LARGE('The files do not fit into the sandbox')
    if (error.code === ErrorCode.BAD_PATH) return new errors.BAD_PATH('of a file', 'cannot be made in the sandbox')
    return Object.assign(new errors.RUN_FAILED(), { cause: error })
  }
  if (error instanceof AgentLostError || error instanceof AgentProtocolError) return Object.assign(new errors.RUN_FAILED(), { cause: error })
  return error
}

function round (ms: number): number {
  return Math.round(ms * 10) / 10
}
