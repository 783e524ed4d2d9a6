import { errors } from '../../errors.ts'
import type { ExecutionService, TimedOutcome } from './execution.ts'
import { presentResult, presentUnfinished } from './result.ts'
import type { ExecuteResult } from './execute-schemas.ts'
import type { RunRecord } from './metrics.ts'
import type { RunningSession } from './session.ts'

export interface RunLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

/** Takes a session from the queue to its end. Never rejects: what goes wrong becomes the session's. */
export async function runSession (session: RunningSession, { execution, observe, describeError, log }: {
  execution: ExecutionService
  observe: (record: RunRecord) => void
  describeError: (error: unknown) => { code: string, message: string }
  log: RunLog
}): Promise<void> {
  const { id, plan, killed } = session
  const queuedAt = performance.now()
  try {
    const outcome = await execution.run(session)
    const result = presentResult(id, plan, outcome)
    session.complete(result)
    const totalMs = performance.now() - queuedAt
    observe(recordOf(result, outcome, totalMs))
    log.info(lineOf(result, outcome, totalMs), 'run')
  } catch (error) {
    if (killed.aborted) {
      session.complete(presentUnfinished(id, plan, 'killed'))
      return
    }
    const { code, message } = describeError(error)
    // Nobody is to fill the log with what they were refused.
    if (error instanceof errors.QUEUE_FULL) log.info({ sessionId: id, code }, 'run refused')
    else log.error({ err: error, sessionId: id, code }, 'run failed')
    session.fail(error, { code, message, result: presentUnfinished(id, plan, 'internal_error') })
  }
}

function recordOf (result: ExecuteResult, { queueMs, claimMs }: TimedOutcome, totalMs: number): RunRecord {
  return {
    language: result.language,
    status: result.status,
    queueMs,
    claimMs,
    compileMs: result.compile?.executionTime,
    runMs: result.executionTime,
    totalMs
  }
}

function lineOf (result: ExecuteResult, { queueMs, claimMs }: TimedOutcome, totalMs: number): object {
  return {
    sessionId: result.sessionId,
    language: result.language,
    status: result.status,
    executionTime: result.executionTime,
    cpuTime: result.cpuTime,
    queueTime: round(queueMs),
    claimTime: round(claimMs),
    totalTime: round(totalMs)
  }
}

function round (ms: number): number {
  return Math.round(ms * 10) / 10
}
