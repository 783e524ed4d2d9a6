import type { RunResult } from '../../sandbox/agent-protocol.ts'
import { createTail } from '../../lib/tail.ts'

// What a runtime says when it has no memory left is at the end, and a pattern must not search megabytes.
const SEARCHED_BYTES = 16 * 1024

/**
 * Where a runtime notices before the kernel does that there is no more memory, it ends by itself and says so on stderr.
 * Marks the result of such a program, so that it means the same everywhere.
 */
export function createExhaustionWatch (pattern: string | undefined) {
  const tail = createTail(SEARCHED_BYTES)
  return {
    add (stream: 'stdout' | 'stderr', bytes: Buffer): void {
      if (pattern !== undefined && stream === 'stderr') tail.add(bytes)
    },
    judge (result: RunResult | undefined): RunResult | undefined {
      if (pattern === undefined || result === undefined || result.exitCode === 0) return result
      return new RegExp(pattern, 'm').test(tail.text()) ? { ...result, isOutOfMemory: true } : result
    }
  }
}
