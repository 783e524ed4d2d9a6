import { signalName } from '../../lib/signals.ts'
import type { RunResult } from '../../sandbox/agent-protocol.ts'
import type { ExecutionPlan } from './plan.ts'
import type { StageOutcome } from './run-stage.ts'
import type { Artifact, CompileReport, ExecuteResult, Status } from './schemas.ts'

export interface ExecutionOutcome {
  readonly compile: StageOutcome | undefined
  /** Undefined when the compiler has failed. */
  readonly run: StageOutcome | undefined
  readonly artifacts: readonly Artifact[]
  readonly warnings: readonly string[]
}

/** What became of one program, by the sandbox's own account. */
export function stageStatus (result: RunResult | undefined): Status {
  if (result === undefined) return 'memory_limit'
  if (result.reason === 'wall_limit') return 'timeout'
  if (result.reason === 'output_limit') return 'output_limit'
  if (result.reason === 'cancelled') return 'killed'
  if (result.exitCode === 0) return 'completed'
  return result.oomKills > 0 ? 'memory_limit' : 'runtime_error'
}

/** The 200 answer of contract.md. */
export function presentResult (sessionId: string, plan: ExecutionPlan, outcome: ExecutionOutcome): ExecuteResult {
  const { runtime, outputEncoding } = plan
  const decode = (bytes: Buffer): string => bytes.toString(outputEncoding)
  const shown = outcome.run ?? outcome.compile
  const compile = outcome.compile === undefined ? undefined : presentCompile(outcome.compile, decode)
  const hasRun = outcome.run !== undefined
  const status = hasRun ? stageStatus(outcome.run.result) : compileFailure(compile?.status)
  const result = shown?.result
  return {
    sessionId,
    language: runtime.definition.language,
    version: runtime.version,
    status,
    exitCode: presentExitCode(result),
    signal: presentSignal(result),
    output: hasRun ? decode(outcome.run.stdout) : '',
    error: hasRun ? decode(outcome.run.stderr) : '',
    executionTime: hasRun ? milliseconds(result?.wallUs) : 0,
    cpuTime: milliseconds(result?.cpuUs),
    memory: result?.peakMemoryBytes ?? plan.memoryBytes,
    truncated: { output: shown?.truncated.output ?? false, error: shown?.truncated.error ?? false },
    ...(compile === undefined ? {} : { compile }),
    ...(plan.artifacts.length === 0 ? {} : { artifacts: [...outcome.artifacts] }),
    errorKind: errorKind(status, shown?.stderr, runtime.definition.errors?.syntax),
    warnings: [...outcome.warnings]
  }
}

function presentCompile (outcome: StageOutcome, decode: (bytes: Buffer) => string): CompileReport {
  const { result } = outcome
  const status = stageStatus(result)
  return {
    status: status === 'runtime_error' ? 'compile_error' : status,
    exitCode: presentExitCode(result),
    signal: presentSignal(result),
    output: decode(outcome.stdout),
    error: decode(outcome.stderr),
    executionTime: milliseconds(result?.wallUs)
  }
}

/** A compiler that ran into a limit is told apart in `compile`; for the run as a whole it did not compile. */
function compileFailure (status: Status | undefined): Status {
  return status === 'killed' ? 'killed' : 'compile_error'
}

function presentExitCode (result: RunResult | undefined): number | null {
  return result?.exitCode ?? null
}

function presentSignal (result: RunResult | undefined): string | null {
  if (result === undefined) return 'SIGKILL'
  return result.signal === undefined ? null : signalName(result.signal)
}

function errorKind (status: Status, stderr: Buffer | undefined, syntaxPattern: string | undefined): ExecuteResult['errorKind'] {
  if (status !== 'runtime_error' && status !== 'compile_error') return null
  if (syntaxPattern === undefined || stderr === undefined) return status === 'runtime_error' ? 'runtime' : null
  return new RegExp(syntaxPattern, 'm').test(tail(stderr)) ? 'syntax' : 'runtime'
}

// What names the error is at the end of what is printed, and a pattern must not search megabytes.
const ERROR_TAIL_BYTES = 16 * 1024

function tail (bytes: Buffer): string {
  return bytes.subarray(-ERROR_TAIL_BYTES).toString()
}

function milliseconds (microseconds: number | undefined): number {
  return (microseconds ?? 0) / 1000
}
