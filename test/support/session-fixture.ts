import type { AgentRun } from '../../src/sandbox/agent-client/operations.ts'
import type { RunResult } from '../../src/sandbox/agent-protocol.ts'
import { planExecution } from '../../src/runtime/runs/plan.ts'
import type { ExecuteBody } from '../../src/runtime/runs/execute-schemas.ts'
import { loadConfig } from '../../src/config.ts'
import { readyRuntime } from './runtime-fixture.ts'

export function planOf (body: Partial<ExecuteBody> = {}) {
  const { execution, sandbox } = loadConfig({}, 2)
  return planExecution({ language: 'python', code: '', ...body }, readyRuntime(), execution, sandbox.diskBytes)
}

export const ended: RunResult = {
  exitCode: 0, wallUs: 1_000, cpuUs: 500, peakMemoryBytes: 1_024, reason: 'exit', oomKills: 0, stdoutBytes: 0, stderrBytes: 0
}

/** A program that remembers what it was given; it reads only when told to. */
export function createProgram () {
  const calls: string[] = []
  const unread: Array<() => void> = []
  const program: AgentRun = {
    result: Promise.resolve(ended),
    sendInput: (bytes, onSent) => {
      calls.push(`input ${Buffer.from(bytes).toString()}`)
      if (onSent !== undefined) unread.push(onSent)
    },
    endInput: () => calls.push('eof'),
    signal: (number) => calls.push(`signal ${number}`),
    cancel: () => calls.push('cancel')
  }
  return { program, calls, read: () => unread.splice(0).forEach((onSent) => onSent()) }
}
