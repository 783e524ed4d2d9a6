import { signalName } from '../lib/signals.ts'
import type { RunResult } from './agent-protocol.ts'

export const runStatuses = ['completed', 'runtime_error', 'timeout', 'memory_limit', 'output_limit', 'killed'] as const
export type RunStatus = typeof runStatuses[number]

export interface RunSummary {
  readonly status: RunStatus
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  /** By name; null when it exited. */
  readonly signal: string | null
  /** Wall-clock milliseconds of the program itself. */
  readonly executionTime: number
}

/** What became of one program, in the words of the API. Undefined stands for a sandbox that was OOM-killed as a whole. */
export function summariseRun (result: RunResult | undefined): RunSummary {
  return {
    status: runStatus(result),
    exitCode: result?.exitCode ?? null,
    signal: result === undefined ? 'SIGKILL' : result.signal === undefined ? null : signalName(result.signal),
    executionTime: (result?.wallUs ?? 0) / 1000
  }
}

export function runStatus (result: RunResult | undefined): RunStatus {
  if (result === undefined) return 'memory_limit'
  if (result.reason === 'wall_limit' || result.reason === 'cpu_limit') return 'timeout'
  if (result.reason === 'memory_limit') return 'memory_limit'
  if (result.reason === 'output_limit') return 'output_limit'
  if (result.reason === 'cancelled') return 'killed'
  if (result.exitCode === 0) return 'completed'
  return result.oomKills > 0 || result.isOutOfMemory === true ? 'memory_limit' : 'runtime_error'
}
