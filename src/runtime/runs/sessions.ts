import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { errors } from '../../errors.ts'
import type { Audit } from '../../plugins/audit.ts'
import type { RunTap } from './tap.ts'
import type { ExecutionPlan } from './plan.ts'
import type { ExecuteResult } from './execute-schemas.ts'
import type { ExecutionService } from './execution.ts'
import type { RunRecord } from './metrics.ts'
import { runSession, type RunLog } from './run-session.ts'
import type { Recorder } from './recorder.ts'
import { createSession, type RunningSession, type Session } from './session.ts'

export interface SessionService {
  /** Begins a session. Rejects with what refuses it at once, such as QUEUE_FULL; what happens later is told by the session. */
  readonly start: (owner: string, plan: ExecutionPlan, log: RunLog) => Promise<Session>
  /** Runs a plan to its end. An aborted signal kills it. Rejects with the contract's error if it fails on our side. */
  readonly execute: (owner: string, plan: ExecutionPlan, signal: AbortSignal, log: RunLog, tap?: RunTap) => Promise<ExecuteResult>
  /** A session that has not ended, if it is the owner's. */
  readonly findLive: (owner: string, id: string) => Session | undefined
  /** Waits for those under way, which must be on their way to an end, and records them. */
  readonly close: () => Promise<void>
}

export function createSessionService ({ execution, recorder, graceMs, observe, describeError, audit }: {
  execution: ExecutionService
  recorder: Recorder
  graceMs: number
  observe: (record: RunRecord) => void
  describeError: (error: unknown) => { code: string, message: string }
  audit: Audit
}): SessionService {
  const live = new Map<string, Session>()
  const underWay = new Set<Promise<void>>()

  function refuseBlocked (owner: string, { runtime, warnings, isBlocked }: ExecutionPlan): void {
    if (!isBlocked) return
    const policy = warnings.join('; ')
    audit({ action: 'run.refuse', userId: owner, details: { language: runtime.definition.language, policy } })
    throw new errors.POLICY(policy)
  }

  function begin (owner: string, plan: ExecutionPlan, log: RunLog, tap?: RunTap): Session {
    refuseBlocked(owner, plan)
    const session: RunningSession = createSession({
      id: randomUUID(), owner, plan, graceMs, onChange: () => recorder.note(session), ...(tap === undefined ? {} : { tap })
    })
    live.set(session.id, session)
    recorder.note(session)
    const running = run(session, log)
    underWay.add(running)
    void running.finally(() => underWay.delete(running))
    return session
  }

  async function run (session: RunningSession, log: RunLog): Promise<void> {
    await runSession(session, { execution, observe, describeError, log })
    live.delete(session.id)
    const isRefused = await session.finished.then(() => false, (error: unknown) => error instanceof errors.QUEUE_FULL)
    // Refused at once it has never been a session.
    if (isRefused && recorder.forgetUnrecorded(session)) return
    const { runtime, warnings } = session.plan
    // A row for each run would be most of the table, and sessions are recorded as such.
    if (warnings.length > 0) audit({ action: 'run.warn', userId: session.owner, subject: session.id, details: { language: runtime.definition.language, policy: warnings.join('; ') } })
  }

  return {
    async start (owner, plan, log) {
      const session = begin(owner, plan, log)
      // Whatever refuses at once does so within this turn of the event loop.
      await Promise.race([session.finished, nextTurn()])
      return session
    },
    async execute (owner, plan, signal, log, tap) {
      const session = begin(owner, plan, log, tap)
      const onAbort = (): void => session.kill('The client went away')
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        return await session.finished
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    findLive (owner, id) {
      const session = live.get(id)
      return session?.owner === owner ? session : undefined
    },
    async close () {
      await Promise.all(underWay)
      await recorder.close()
    }
  }
}
