import type { Config } from '../../config.ts'
import { isDockerError } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import type { FairQueue, TaskWeight } from '../../lib/fair-queue.ts'
import type { Claim, Pool } from '../../sandbox/pool/pool.ts'
import { DEFAULT_CPU_SHARES } from '../../sandbox/sandbox.ts'
import type { Readiness } from '../languages/readiness.ts'
import { describeStartProblem, isStartProblem } from '../languages/start-problem.ts'
import { translateRunError } from './run-errors.ts'
import { cargoBytes, planExecution, type ExecutionPlan } from './plan.ts'
import type { ExecutionOutcome } from './result.ts'
import type { ExecuteBody } from './execute-schemas.ts'
import type { RunningSession } from './session.ts'
import { runStages } from './stages.ts'

/**
 * The CPU weight of a run whose owner has used more slot time than others. Measured: beside endless loops of others a short
 * program takes half as long when they have it. Nobody loses by it who has the machine to himself.
 */
const LOW_CPU_SHARES = 64

export interface TimedOutcome extends ExecutionOutcome {
  readonly queueMs: number
  readonly claimMs: number
}

export interface ExecutionService {
  /** What a request amounts to. Throws the contract's error for what cannot be run, or not within these ceilings. */
  readonly plan: (body: ExecuteBody, ceilings?: Partial<Config['execution']>) => ExecutionPlan
  /**
   * Runs a session's program to its end. A kill takes it out of the queue, for which this rejects with its reason, or ends
   * it with everything it started.
   */
  readonly run: (session: RunningSession) => Promise<TimedOutcome>
}

export function createExecutionService ({ pool, queue, longQueue, readiness, limits, diskBytes }: {
  pool: Pool
  queue: FairQueue
  longQueue: FairQueue
  readiness: Readiness
  limits: Config['execution']
  diskBytes: number
}): ExecutionService {
  async function runInTurn (session: RunningSession): Promise<TimedOutcome> {
    const { owner, plan, killed: signal } = session
    const queuedAt = performance.now()
    return await (plan.isLong ? longQueue : queue).run(owner, async (isLight) => {
      const claimedAt = performance.now()
      const claim = await claimSandbox(plan.runtime.definition.language, owner, signal)
      const times = { queueMs: claimedAt - queuedAt, claimMs: performance.now() - claimedAt }
      let verdict: 'reusable' | 'discard' = 'discard'
      try {
        session.claim(claim.sandbox.id)
        const outcome = await runStages(claim.sandbox, session, isLight ? DEFAULT_CPU_SHARES : LOW_CPU_SHARES)
        if (isReusable(outcome)) verdict = 'reusable'
        return { ...outcome, ...times }
      } finally {
        claim.release(verdict)
      }
    }, signal, weightOf(plan))
  }

  async function claimSandbox (language: string, owner: string, signal: AbortSignal): Promise<Claim> {
    try {
      return await pool.claim(language, owner, signal)
    } catch (error) {
      if (isStartProblem(error)) throw Object.assign(new errors.SANDBOX_NOT_STARTING(language, describeStartProblem(error)), { cause: error })
      if (!isDockerError(error, 'not_found')) throw error
      readiness.forget(language)
      throw Object.assign(new errors.LANGUAGE_NOT_READY(language, ''), { cause: error })
    }
  }

  return {
    plan: (body, ceilings) => planExecution(body, readiness.find(body.language), { ...limits, ...ceilings }, diskBytes),
    async run (session) {
      try {
        return await runInTurn(session)
      } catch (error) {
        throw translateRunError(error, pool.isClosed())
      }
    }
  }
}

function weightOf (plan: ExecutionPlan): TaskWeight {
  const { compile, run, memoryBytes } = plan
  return { waitingBytes: cargoBytes(plan), memoryBytes: Math.max(memoryBytes, compile?.memoryBytes ?? 0, run.memoryBytes ?? 0) }
}

/**
 * After a loss of the agent there is nothing to be reset. And gVisor gives memory back only after a while: where the agent has
 * ended a program for its memory, the next one would begin with what that had.
 */
function isReusable (outcome: ExecutionOutcome): boolean {
  return [outcome.compile, outcome.run].every((stage) => stage === undefined || (stage.result !== undefined && stage.result.reason !== 'memory_limit'))
}
