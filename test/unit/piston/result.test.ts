import { describe, expect, it } from 'vitest'
import { presentEnd, presentJob, presentStage, type EndedStage } from '../../../src/runtime/protocols/piston/result.ts'
import type { RunResult } from '../../../src/sandbox/agent-protocol.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const ended = (fields: Partial<RunResult>): RunResult =>
  ({ wallUs: 11_600, cpuUs: 9_400, peakMemoryBytes: 8_073_216, reason: 'exit', oomKills: 0, stdoutBytes: 0, stderrBytes: 0, ...fields })

const stage = (result: RunResult | undefined, output = { stdout: 'out', stderr: 'err', output: 'outerr' }): EndedStage =>
  ({ result, output, memoryLimitBytes: 64 * 2 ** 20, outputLimitBytes: 100 })

describe('a stage', () => {
  it('has every field that Piston documents', () => {
    expect(presentStage(stage(ended({ exitCode: 0 })))).toEqual({
      stdout: 'out', stderr: 'err', output: 'outerr', code: 0, signal: null, message: null, status: null, cpu_time: 9, wall_time: 12, memory: 8_073_216
    })
  })

  it.each<[string, RunResult | undefined, object]>([
    ['an exit code', ended({ exitCode: 3 }), { code: 3, signal: null, status: 'RE', message: 'Exited with error status 3' }],
    ['a signal', ended({ signal: 11 }), { code: null, signal: 'SIGSEGV', status: 'SG', message: 'Caught fatal signal 11' }],
    ['a client that killed it', ended({ signal: 9, reason: 'cancelled' }), { code: null, signal: 'SIGKILL', status: 'SG', message: 'Caught fatal signal 9' }],
    ['the wall-clock limit', ended({ signal: 9, reason: 'wall_limit' }), { code: null, signal: 'SIGKILL', status: 'TO', message: 'Time limit exceeded (wall clock)' }],
    ['the CPU limit', ended({ signal: 9, reason: 'cpu_limit' }), { code: null, signal: 'SIGKILL', status: 'TO', message: 'Time limit exceeded' }],
    ['too much on stdout', ended({ signal: 9, reason: 'output_limit', stdoutBytes: 101 }), { code: null, signal: 'SIGKILL', status: 'OL', message: 'stdout length exceeded' }],
    ['too much on stderr', ended({ signal: 9, reason: 'output_limit', stdoutBytes: 100, stderrBytes: 101 }), { code: null, signal: 'SIGKILL', status: 'EL', message: 'stderr length exceeded' }],
    ['a limit, although it had just exited', ended({ exitCode: 0, reason: 'output_limit', stdoutBytes: 101 }), { code: null, signal: 'SIGKILL', status: 'OL' }],
    ['the OOM killer', ended({ signal: 9, oomKills: 1 }), { code: null, signal: 'SIGKILL', status: 'SG', message: 'Memory limit exceeded' }],
    ['the OOM killer, by way of a child', ended({ exitCode: 1, oomKills: 1 }), { code: 1, signal: null, status: 'RE', message: 'Memory limit exceeded' }]
  ])('was ended by %s', (_, result, expected) => {
    expect(presentStage(stage(result))).toMatchObject(expected)
  })

  it('has no times when the whole sandbox ran out of memory', () => {
    expect(presentStage(stage(undefined))).toMatchObject({
      code: null, signal: 'SIGKILL', status: 'SG', message: 'Memory limit exceeded', cpu_time: null, wall_time: null, memory: 64 * 2 ** 20
    })
  })

  it('ends on a socket as in an answer', () => {
    expect(presentEnd({ status: 'runtime_error', exitCode: 3, signal: null, executionTime: 1 })).toEqual({ code: 3, signal: null })
    expect(presentEnd({ status: 'runtime_error', exitCode: null, signal: 'SIGINT', executionTime: 1 })).toEqual({ code: null, signal: 'SIGINT' })
    expect(presentEnd({ status: 'timeout', exitCode: 0, signal: null, executionTime: 1 })).toEqual({ code: null, signal: 'SIGKILL' })
  })
})

describe('a job', () => {
  const runtime = readyRuntime()
  const job = (stages: Parameters<typeof presentJob>[1]) => presentJob(runtime, stages)

  it('is named by language and version', () => {
    expect(job({ run: stage(ended({ exitCode: 0 })) })).toEqual({ language: 'python', version: '3.13.5', run: expect.objectContaining({ code: 0 }) })
  })

  it('has the compiler beside the run', () => {
    expect(job({ compile: stage(ended({ exitCode: 0 })), run: stage(ended({ exitCode: 7 })) })).toMatchObject({ compile: { code: 0 }, run: { code: 7 } })
  })

  it('repeats a compiler that failed as its run', () => {
    const result = job({ compile: stage(ended({ exitCode: 1 })) })
    expect(result.run).toEqual(result.compile)
    expect(result.run).toMatchObject({ code: 1, status: 'RE' })
  })

  it('that was killed while it waited has a run all the same', () => {
    expect(job({}).run).toMatchObject({ code: null, signal: 'SIGKILL', stdout: '' })
  })
})
