import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { planExecution } from '../../../src/runtime/runs/plan.ts'
import { presentResult } from '../../../src/runtime/runs/result.ts'
import { parseVersion } from '../../../src/runtime/languages/readiness.ts'
import type { RunResult } from '../../../src/sandbox/agent-protocol.ts'
import type { ProgramOutcome } from '../../../src/sandbox/run-program.ts'
import { runStatus, type RunStatus } from '../../../src/sandbox/run-summary.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const ended = (fields: Partial<RunResult>): RunResult =>
  ({ wallUs: 11_800, cpuUs: 9_100, peakMemoryBytes: 8_073_216, reason: 'exit', oomKills: 0, stdoutBytes: 0, stderrBytes: 0, ...fields })

const stage = (result: RunResult | undefined, stdout = '', stderr = ''): ProgramOutcome =>
  ({ result, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), truncated: { output: false, error: false } })

const { execution: limits, sandbox } = loadConfig({}, 2)
const plan = (encoding: 'utf8' | 'base64' = 'utf8') => planExecution({ language: 'python', code: '', encoding }, readyRuntime(), limits, sandbox.diskBytes)
const outcome = (run: ProgramOutcome | undefined, compile?: ProgramOutcome) => ({ run, compile, artifacts: [], warnings: [] })

describe('status of a program', () => {
  it.each<[RunStatus, RunResult | undefined]>([
    ['completed', ended({ exitCode: 0 })],
    ['runtime_error', ended({ exitCode: 3 })],
    ['runtime_error', ended({ signal: 11 })],
    ['timeout', ended({ signal: 9, reason: 'wall_limit' })],
    ['timeout', ended({ signal: 9, reason: 'cpu_limit' })],
    ['output_limit', ended({ signal: 9, reason: 'output_limit' })],
    ['killed', ended({ signal: 9, reason: 'cancelled' })],
    ['memory_limit', ended({ signal: 9, oomKills: 1 })],
    ['memory_limit', ended({ exitCode: 1, oomKills: 1 })],
    // A child that was killed is the program's own affair if it ends well in spite of it.
    ['completed', ended({ exitCode: 0, oomKills: 1 })],
    ['memory_limit', undefined]
  ])('is %s', (status, result) => {
    expect(runStatus(result)).toBe(status)
  })
})

describe('result', () => {
  it('has the fields of the contract', () => {
    expect(presentResult('id', plan(), outcome(stage(ended({ exitCode: 0 }), 'hello\n')))).toEqual({
      sessionId: 'id',
      language: 'python',
      version: '3.13.5',
      status: 'completed',
      exitCode: 0,
      signal: null,
      output: 'hello\n',
      error: '',
      executionTime: 11.8,
      cpuTime: 9.1,
      memory: 8_073_216,
      truncated: { output: false, error: false },
      errorKind: null,
      warnings: []
    })
  })

  it('names the signal and has no exit code then', () => {
    expect(presentResult('id', plan(), outcome(stage(ended({ signal: 11 }))))).toMatchObject({ exitCode: null, signal: 'SIGSEGV', errorKind: 'runtime' })
  })

  it('tells a syntax error from a runtime error', () => {
    const kind = (stderr: string) => presentResult('id', plan(), outcome(stage(ended({ exitCode: 1 }), '', stderr))).errorKind
    expect(kind('  File "main.py", line 1\nSyntaxError: invalid syntax\n')).toBe('syntax')
    expect(kind('Traceback (most recent call last):\nValueError: SyntaxError: no\n')).toBe('runtime')
  })

  it('turns bytes that are not UTF-8 into U+FFFD, or gives them exactly as base64', () => {
    const run = { ...stage(ended({ exitCode: 0 })), stdout: Buffer.of(0x61, 0xff, 0x62) }
    expect(presentResult('id', plan(), outcome(run)).output).toBe('a\ufffdb')
    expect(presentResult('id', plan('base64'), outcome(run)).output).toBe('Yf9i')
  })

  it('reports a compiler that failed, and no run', () => {
    const compile = stage(ended({ exitCode: 1 }), 'out', 'main.c:1: error')
    expect(presentResult('id', plan(), outcome(undefined, compile))).toMatchObject({
      status: 'compile_error',
      exitCode: 1,
      output: '',
      error: '',
      executionTime: 0,
      compile: { status: 'compile_error', exitCode: 1, output: 'out', error: 'main.c:1: error', executionTime: 11.8 }
    })
  })

  it('reports the compiler beside the run', () => {
    const result = presentResult('id', plan(), outcome(stage(ended({ exitCode: 7 })), stage(ended({ exitCode: 0 }))))
    expect(result).toMatchObject({ status: 'runtime_error', exitCode: 7, compile: { status: 'completed', exitCode: 0 } })
  })
})

describe('version of a tool', () => {
  it.each([['Python 3.13.5', '3.13.5'], ['v24.11.0', '24.11.0'], ['go version go1.24 linux/amd64', '1.24.0'], ['none', undefined]])('reads %j as %j', (text, version) => {
    expect(parseVersion(text)).toBe(version)
  })
})
