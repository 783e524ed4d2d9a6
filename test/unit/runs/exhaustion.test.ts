import { describe, expect, it } from 'vitest'
import { createExhaustionWatch } from '../../../src/runtime/runs/exhaustion.ts'
import type { RunResult } from '../../../src/sandbox/agent-protocol.ts'
import { runStatus } from '../../../src/sandbox/run-summary.ts'

const failed: RunResult = { exitCode: 1, wallUs: 1, cpuUs: 1, peakMemoryBytes: 1, reason: 'exit', oomKills: 0, stdoutBytes: 0, stderrBytes: 0 }

function statusAfter (pattern: string | undefined, pieces: Array<['stdout' | 'stderr', string]>, result: RunResult | undefined = failed) {
  const watch = createExhaustionWatch(pattern)
  for (const [stream, text] of pieces) watch.add(stream, Buffer.from(text))
  return runStatus(watch.judge(result))
}

describe('a runtime that has no memory left', () => {
  it('is memory_limit when it says so on stderr, in whatever pieces', () => {
    expect(statusAfter('^MemoryError$', [['stderr', 'Traceback\nMemory'], ['stderr', 'Error\n']])).toBe('memory_limit')
  })

  it('is heard at the end of megabytes', () => {
    const noise = Array.from({ length: 300 }, (): ['stderr', string] => ['stderr', `${'x'.repeat(9_999)}\n`])
    expect(statusAfter('^MemoryError$', [...noise, ['stderr', 'MemoryError\n']])).toBe('memory_limit')
    expect(statusAfter('^MemoryError$', [['stderr', 'MemoryError\n'], ...noise])).toBe('runtime_error')
  })

  it.each<[string, string | undefined, Array<['stdout' | 'stderr', string]>, RunResult | undefined, string]>([
    ['on stdout', '^MemoryError$', [['stdout', 'MemoryError\n']], failed, 'runtime_error'],
    ['and ends well', '^MemoryError$', [['stderr', 'MemoryError\n']], { ...failed, exitCode: 0 }, 'completed'],
    ['in a language without a pattern', undefined, [['stderr', 'MemoryError\n']], failed, 'runtime_error'],
    ['and ran out of time', '^MemoryError$', [['stderr', 'MemoryError\n']], { ...failed, reason: 'wall_limit' }, 'timeout']
  ])('is nothing else when it says so %s', (_, pattern, pieces, result, status) => {
    expect(statusAfter(pattern, pieces, result)).toBe(status)
  })
})
