import type { ProgramOutcome } from '../../sandbox/run-program.ts'
import { summariseRun } from '../../sandbox/run-summary.ts'
import type { ExecutionPlan } from './plan.ts'
import type { Artifact, CompileReport, ExecuteResult, Status } from './execute-schemas.ts'

export interface ExecutionOutcome {
  readonly compile: ProgramOutcome | undefined
  /** Undefined when the compiler has failed. */
  readonly run: ProgramOutcome | undefined
  readonly artifacts: readonly Artifact[]
  readonly warnings: readonly string[]
}

/** The 200 answer of contract.md. */
export function presentResult (sessionId: string, plan: ExecutionPlan, outcome: ExecutionOutcome): ExecuteResult {
  const { runtime, outputEncoding } = plan
  const decode = (bytes: Buffer): string => bytes.toString(outputEncoding)
  const shown = outcome.run ?? outcome.compile
  const compile = outcome.compile === undefined ? undefined : presentCompile(outcome.compile, decode)
  const hasRun = outcome.run !== undefined
  const result = shown?.result
  const { exitCode, signal, executionTime, ...summary } = summariseRun(result)
  const status = hasRun ? summary.status : compileFailure(compile?.status)
  return {
    sessionId,
    language: runtime.definition.language,
    version: runtime.version,
    status,
    exitCode,
    signal,
    output: hasRun ? decode(outcome.run.stdout) : '',
    error: hasRun ? decode(outcome.run.stderr) : '',
    executionTime: hasRun ? executionTime : 0,
    cpuTime: (result?.cpuUs ?? 0) / 1000,
    memory: result?.peakMemoryBytes ?? plan.memoryBytes,
    truncated: { output: shown?.truncated.output ?? false, error: shown?.truncated.error ?? false },
    ...(compile === undefined ? {} : { compile }),
    ...(plan.artifacts.length === 0 ? {} : { artifacts: [...outcome.artifacts] }),
    errorKind: errorKind(status, shown?.stderr, runtime.definition.errors?.syntax),
    warnings: [...plan.warnings, ...outcome.warnings]
  }
}

/** Of a run that has not come to its end: it was killed while it waited, or failed on our side. */
export function presentUnfinished (sessionId: string, plan: ExecutionPlan, status: 'killed' | 'internal_error'): ExecuteResult {
  return {
    sessionId,
    language: plan.runtime.definition.language,
    version: plan.runtime.version,
    status,
    exitCode: null,
    signal: null,
    output: '',
    error: '',
    executionTime: 0,
    cpuTime: 0,
    memory: 0,
    truncated: { output: false, error: false },
    errorKind: null,
    warnings: [...plan.warnings]
  }
}

/** What a result keeps in memory, near enough. */
export function resultBytes ({ output, error, compile, artifacts = [] }: ExecuteResult): number {
  const texts = [output, error, compile?.output ?? '', compile?.error ?? '', ...artifacts.flatMap(({ path, content }) => [path, content])]
  return texts.reduce((sum, text) => sum + text.length, 0)
}

function presentCompile (outcome: ProgramOutcome, decode: (bytes: Buffer) => string): CompileReport {
  const { status, ...summary } = summariseRun(outcome.result)
  return {
    ...summary,
    status: status === 'runtime_error' ? 'compile_error' : status,
    output: decode(outcome.stdout),
    error: decode(outcome.stderr)
  }
}

/** A compiler that ran into a limit is told apart in `compile`; for the run as a whole it did not compile. */
function compileFailure (status: Status | undefined): Status {
  return status === 'killed' ? 'killed' : 'compile_error'
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
