import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { ErrorCode, type RunResult } from '../../sandbox/agent-protocol.ts'

export interface StartFailure {
  /** Which file, and why: `./main: No such file or directory`. */
  readonly reason: string
  /** Exit codes are those of a shell: 127 for what is not there, 126 for what cannot be executed. */
  readonly result: RunResult
}

const REASON_CHARACTERS = 256
const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

/** Undefined for an error of another kind. */
export function startFailureOf (error: unknown): StartFailure | undefined {
  if (!(error instanceof AgentOperationError) || error.code !== ErrorCode.SPAWN) return undefined
  const exitCode = error.message.endsWith('No such file or directory') ? NOT_FOUND : NOT_EXECUTABLE
  return {
    reason: error.message.slice(0, REASON_CHARACTERS),
    result: { exitCode, reason: 'exit', wallUs: 0, cpuUs: 0, peakMemoryBytes: 0, oomKills: 0, stdoutBytes: 0, stderrBytes: 0 }
  }
}

export function describeStartFailure ({ reason }: StartFailure, isCompiled: boolean): string {
  return isCompiled
    ? `The compiler has made no program that can be started (${reason}). Is there a main function or package?\n`
    : `The program could not be started (${reason}). Does PATH in "env" lead elsewhere?\n`
}
