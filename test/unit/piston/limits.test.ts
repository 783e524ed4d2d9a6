import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { readLimits } from '../../../src/runtime/protocols/piston/limits.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const { definition } = readyRuntime()
const ceilings = loadConfig({ EXEC_TIMEOUT_MAX: '60s', EXEC_MEMORY_MAX: '512m' }, 2).execution
const read = (fields: Record<string, unknown>) => readLimits(fields, definition, ceilings)
const MIB = 2 ** 20
const defaults = {
  compile: { wallMs: 10_000, cpuMs: 10_000, memoryBytes: 512 * MIB },
  run: { wallMs: 3_000, cpuMs: 3_000, memoryBytes: 512 * MIB }
}

describe('limits', () => {
  it('are those that Piston documents when nothing is asked for', () => {
    expect(read({})).toEqual(defaults)
  })

  it('are each stage\'s own', () => {
    expect(read({
      compile_timeout: 1, run_timeout: 2, compile_cpu_time: 3, run_cpu_time: 4, compile_memory_limit: 32 * MIB, run_memory_limit: 64 * MIB
    })).toEqual({
      compile: { wallMs: 1, cpuMs: 3, memoryBytes: 32 * MIB },
      run: { wallMs: 2, cpuMs: 4, memoryBytes: 64 * MIB }
    })
  })

  it.each([0, null, undefined])('are the default ones for %j', (value) => {
    expect(read({ run_timeout: value, run_cpu_time: value, run_memory_limit: value })).toEqual(defaults)
  })

  it('of memory are the server\'s ceiling for -1', () => {
    expect(read({ compile_memory_limit: -1, run_memory_limit: -1 })).toEqual(defaults)
  })

  it('reach the ceiling and are rounded up to whole milliseconds', () => {
    expect(read({ run_timeout: 60_000, run_cpu_time: 1500.2, run_memory_limit: 512 * MIB }).run).toEqual({ wallMs: 60_000, cpuMs: 1501, memoryBytes: 512 * MIB })
  })

  it('leave a slow compiler the time that its language needs', () => {
    const slow = readyRuntime({ limits: { ...definition.limits, compileTimeout: 30_000 } }).definition
    expect(readLimits({}, slow, ceilings).compile).toMatchObject({ wallMs: 30_000, cpuMs: 30_000 })
  })

  it('by default stay below the ceiling', () => {
    const low = loadConfig({ EXEC_TIMEOUT_MAX: '1s' }, 2).execution
    expect(readLimits({}, definition, low)).toMatchObject({ compile: { wallMs: 1_000 }, run: { wallMs: 1_000, cpuMs: 1_000 } })
  })

  it.each<[string, Record<string, unknown>]>([
    ['If specified, run_timeout must be a number', { run_timeout: '5' }],
    ['If specified, compile_memory_limit must be a number', { compile_memory_limit: true }],
    ['run_timeout cannot exceed the configured limit of 60000', { run_timeout: 60_001 }],
    ['compile_cpu_time cannot exceed the configured limit of 60000', { compile_cpu_time: 1e9 }],
    ['run_memory_limit cannot exceed the configured limit of 536870912', { run_memory_limit: 512 * MIB + 1 }],
    ['run_timeout must be non-negative', { run_timeout: -1 }],
    ['run_cpu_time must be non-negative', { run_cpu_time: -5 }],
    ['run_memory_limit must be non-negative', { run_memory_limit: -2 }],
    ['run_memory_limit must be at least 16777216', { run_memory_limit: 1024 }],
    // The order of Piston.
    ['compile_memory_limit must be non-negative', { run_timeout: -1, run_memory_limit: -2, compile_memory_limit: -2 }]
  ])('are refused: %s', (message, fields) => {
    expect(() => read(fields)).toThrow(expect.objectContaining({ statusCode: 400, message }))
  })
})
