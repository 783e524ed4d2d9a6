import type { SessionStatus } from '../../db/schema/execution-sessions.ts'
import { errors } from '../../errors.ts'
import { createDeferred } from '../../lib/deferred.ts'
import { signalNumber, type SignalName } from '../../lib/signals.ts'
import type { ProgramOutcome, StartedProgram } from '../../sandbox/run-program.ts'
import { summariseRun } from '../../sandbox/run-summary.ts'
import { cargoBytes, takeCargo, type ExecutionPlan } from './plan.ts'
import { resultBytes } from './result.ts'
import type { ExecuteResult } from './execute-schemas.ts'
import { createFollowers } from './followers.ts'
import { createProgramInput } from './input.ts'
import type { SessionMessage } from './messages.ts'
import type { RunTap, StageName, StreamName } from './tap.ts'
import { createTranscript, type OutputMessage } from './transcript.ts'

export interface FollowOptions {
  /** The last output message that the follower has; default 0, none. */
  readonly since?: number
  /** Ends the following when it is aborted. */
  readonly signal?: AbortSignal
}

/** One run of a program: whoever has it can follow it, and talk to the program. */
export interface Session {
  readonly id: string
  readonly owner: string
  readonly plan: ExecutionPlan
  readonly createdAt: Date
  readonly status: () => SessionStatus
  readonly startedAt: () => Date | undefined
  readonly finishedAt: () => Date | undefined
  /** Why it was killed or failed, for people. */
  readonly message: () => string | undefined
  readonly result: () => ExecuteResult | undefined
  /** Container of the sandbox it runs in; rejects when it ends without one. */
  readonly sandboxId: Promise<string>
  /** Rejects with the contract's error if it failed on our side. */
  readonly finished: Promise<ExecuteResult>
  /**
   * What has happened so far, then what happens, to the end. The caller's pace is its own: a slow one neither holds up
   * the program nor others, and costs nothing, since all share one transcript.
   */
  readonly follow: (options?: FollowOptions) => AsyncGenerator<SessionMessage, void>
  /** The output messages after `since`. */
  readonly outputAfter: (since: number) => Generator<OutputMessage>
  /** All that it keeps in memory: what it printed, its result, and what has not been sent into the sandbox. */
  readonly heldBytes: () => number
  /** Throws INPUT_CLOSED or INPUT_OVERFLOW; what comes before the program has started waits for it. */
  readonly sendInput: (text: string) => void
  readonly endInput: () => void
  /** To the program's process group. Throws NOT_RUNNING. */
  readonly signal: (name: SignalName) => void
  /** Takes it out of the queue, or kills the whole process tree. */
  readonly kill: (reason: string) => void
  /** Somebody is there who does not follow, such as one who polls the log. */
  readonly touch: () => void
}

/** The session for the one who runs its program, and tells here what it does. */
export interface RunningSession extends Session {
  readonly killed: AbortSignal
  readonly claim: (sandboxId: string) => void
  readonly startStage: (stage: StageName, program: ControlledProgram) => void
  readonly addOutput: (stage: StageName, stream: StreamName, bytes: Buffer) => void
  readonly noteInputWait: () => void
  /** Nothing more will come of the stage. Answers with all that it has printed. */
  readonly endStage: (stage: StageName, result: ProgramOutcome['result']) => { stdout: Buffer, stderr: Buffer }
  readonly complete: (result: ExecuteResult) => void
  readonly fail: (error: unknown, told: { code: string, message: string, result: ExecuteResult }) => void
}

/** A program that can be given input and signals. */
export type ControlledProgram = Omit<StartedProgram, 'result'>

export function createSession ({ id, owner, plan, graceMs, onChange, tap }: {
  id: string
  owner: string
  plan: ExecutionPlan
  /** How long an interactive session lives on without anybody who follows it. */
  graceMs: number
  /** Called whenever there is something new to record. */
  onChange: () => void
  tap?: RunTap
}): RunningSession {
  const history: SessionMessage[] = []
  /** Where in the history the output message of each `seq` is, beginning with 1. */
  const positions: number[] = []
  const killing = new AbortController()
  const finished = createDeferred<ExecuteResult>()
  const sandboxId = createDeferred<string>()
  const input = createProgramInput()
  const createdAt = new Date()
  let status: SessionStatus = 'queued'
  let startedAt: Date | undefined
  let finishedAt: Date | undefined
  let message: string | undefined
  let result: ExecuteResult | undefined
  let program: ControlledProgram | undefined
  let waits = 0
  let isWaiting = false

  // Nobody may be waiting for it yet, or ever.
  finished.promise.catch(() => undefined)
  sandboxId.promise.catch(() => undefined)

  const kill = (reason: string): void => {
    if (finishedAt !== undefined || killing.signal.aborted) return
    message = reason
    killing.abort(new Error(reason))
  }
  const followers = createFollowers({
    ...(plan.isInteractive ? { graceMs } : {}),
    onDeserted: () => kill(`Nobody was connected for ${graceMs} ms`)
  })
  const transcript = createTranscript({
    limitBytes: plan.outputLimitBytes,
    onMessage: (output) => {
      positions.push(history.length)
      add(output)
    }
  })

  function add (item: SessionMessage): void {
    history.push(item)
    followers.wake()
    onChange()
  }

  function finish (final: ExecuteResult): void {
    transcript.end()
    // Of one that never began, nobody has taken it.
    takeCargo(plan)
    status = final.status
    result = final
    finishedAt = new Date()
    program = undefined
    isWaiting = false
    followers.dismiss()
    add({ type: 'execution_complete', result: final })
    sandboxId.reject(new errors.NOT_RUNNING())
  }

  async function * follow ({ since = 0, signal }: FollowOptions = {}): AsyncGenerator<SessionMessage, void> {
    const visit = followers.enter(signal)
    let next = since <= 0 ? 0 : (positions[since - 1] ?? history.length - 1) + 1
    let toldWaits = 0
    try {
      while (signal?.aborted !== true) {
        const item = history[next]
        if (item !== undefined) {
          next++
          yield item
        } else if (finishedAt !== undefined) {
          return
        } else if (isWaiting && toldWaits !== waits) {
          toldWaits = waits
          yield { type: 'input_required' }
        } else {
          await visit.news()
        }
      }
    } finally {
      visit.leave()
    }
  }

  function * outputAfter (since: number): Generator<OutputMessage> {
    for (let next = since; next < positions.length; next++) yield history[positions[next] as number] as OutputMessage
  }

  return {
    id,
    owner,
    plan,
    createdAt,
    status: () => status,
    startedAt: () => startedAt,
    finishedAt: () => finishedAt,
    message: () => message,
    result: () => result,
    sandboxId: sandboxId.promise,
    finished: finished.promise,
    follow,
    outputAfter,
    heldBytes: () => transcript.size() + cargoBytes(plan) + (result === undefined ? 0 : resultBytes(result)),
    sendInput (text) {
      if (finishedAt !== undefined) throw new errors.NOT_RUNNING()
      if (!plan.isInteractive) throw new errors.INPUT_CLOSED()
      input.send(text)
      isWaiting = false
    },
    endInput () {
      input.end()
      isWaiting = false
    },
    signal (name) {
      if (program === undefined) throw new errors.NOT_RUNNING()
      program.signal(signalNumber(name))
    },
    kill,
    touch: followers.touch,
    killed: killing.signal,
    claim: sandboxId.resolve,
    startStage (stage, started) {
      status = stage === 'compile' ? 'compiling' : 'running'
      startedAt ??= new Date()
      program = started
      if (stage === 'run' && plan.isInteractive) input.connect(started)
      add({ type: 'stage', stage })
    },
    addOutput (stage, stream, bytes) {
      transcript.add(stage, stream, bytes)
      tap?.onOutput(stage, stream, bytes)
    },
    noteInputWait () {
      waits++
      isWaiting = true
      // What it asks for comes before.
      transcript.flush()
      followers.wake()
    },
    endStage (stage, ended) {
      transcript.end()
      program = undefined
      isWaiting = false
      tap?.onStageEnd(stage, ended)
      add({ type: 'stage_complete', stage, summary: summariseRun(ended) })
      return { stdout: transcript.bytes(stage, 'stdout'), stderr: transcript.bytes(stage, 'stderr') }
    },
    complete (final) {
      finish(final)
      finished.resolve(final)
    },
    fail (error, told) {
      message = told.message
      transcript.end()
      add({ type: 'error', code: told.code, message: told.message })
      finish(told.result)
      finished.reject(error)
    }
  }
}
