import type { RunResult } from '../../../sandbox/agent-protocol.ts'
import { runStatus, summariseRun, type RunSummary } from '../../../sandbox/run-summary.ts'
import type { ReadyRuntime } from '../../languages/readiness.ts'
import type { StageOutput } from './output.ts'
import type { JobResult, StageResult } from './schemas.ts'

/** One stage that has ended. */
export interface EndedStage {
  /** Undefined when the sandbox as a whole was OOM-killed. */
  readonly result: RunResult | undefined
  readonly output: StageOutput
  readonly memoryLimitBytes: number
  readonly outputLimitBytes: number
}

/** Of a job that was killed while it waited for its turn. */
const NEVER_BEGUN: StageResult = {
  stdout: '',
  stderr: '',
  output: '',
  code: null,
  signal: 'SIGKILL',
  message: 'Killed before it began',
  status: 'SG',
  cpu_time: 0,
  wall_time: 0,
  memory: 0
}

/** The 200 answer. Without a run, `run` repeats what the compiler did: Piston's older clients look nowhere else. */
export function presentJob (runtime: ReadyRuntime, stages: { compile?: EndedStage, run?: EndedStage }): JobResult {
  const compile = stages.compile === undefined ? undefined : presentStage(stages.compile)
  return {
    language: runtime.definition.language,
    version: runtime.version,
    ...(compile === undefined ? {} : { compile }),
    run: stages.run === undefined ? compile ?? NEVER_BEGUN : presentStage(stages.run)
  }
}

/** What an answer is made of, near enough. */
export function jobBytes ({ compile, run }: JobResult): number {
  return (compile?.output.length ?? 0) + run.output.length
}

export function presentStage (stage: EndedStage): StageResult {
  const { result, output } = stage
  return {
    ...output,
    ...presentEnd(summariseRun(result)),
    ...explain(stage),
    cpu_time: toMs(result?.cpuUs),
    wall_time: toMs(result?.wallUs),
    memory: result?.peakMemoryBytes ?? stage.memoryLimitBytes
  }
}

/** Exit code or signal. What a limit ended has SIGKILL even if it managed to exit by itself at that moment. */
export function presentEnd ({ status, exitCode, signal }: RunSummary): Pick<StageResult, 'code' | 'signal'> {
  return status === 'timeout' || status === 'output_limit' ? { code: null, signal: 'SIGKILL' } : { code: exitCode, signal }
}

/** Piston's status and message, the latter in the words of isolate, which Piston passes on. */
function explain ({ result, outputLimitBytes }: EndedStage): Pick<StageResult, 'status' | 'message'> {
  switch (runStatus(result)) {
    case 'completed':
      return { status: null, message: null }
    case 'timeout':
      return { status: 'TO', message: result?.reason === 'cpu_limit' ? 'Time limit exceeded' : 'Time limit exceeded (wall clock)' }
    case 'output_limit':
      return (result?.stdoutBytes ?? 0) > outputLimitBytes
        ? { status: 'OL', message: 'stdout length exceeded' }
        : { status: 'EL', message: 'stderr length exceeded' }
    case 'memory_limit':
      return { status: result?.exitCode === undefined ? 'SG' : 'RE', message: 'Memory limit exceeded' }
    case 'killed':
    case 'runtime_error':
      return result?.signal === undefined
        ? { status: 'RE', message: `Exited with error status ${result?.exitCode}` }
        : { status: 'SG', message: `Caught fatal signal ${result.signal}` }
  }
}

/** Whole milliseconds, as Piston's are. */
function toMs (microseconds: number | undefined): number | null {
  return microseconds === undefined ? null : Math.round(microseconds / 1000)
}
