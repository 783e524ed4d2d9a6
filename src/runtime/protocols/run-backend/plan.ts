import type { ExecutionPlan } from '../../runs/plan.ts'
import type { ExecutionService } from '../../runs/execution.ts'

const TIMEOUT_MS = 5 * 60_000
const MEMORY_BYTES = 512 * 1024 ** 2
const CPUS = 0.5

/** A program that serves for a while, with fixed limits. */
export function planBackend (execution: ExecutionService, { code, language }: { code: string, language: string }): ExecutionPlan {
  const plan = execution.plan(
    { code, language, timeout: TIMEOUT_MS, memoryLimit: MEMORY_BYTES },
    { timeoutMaxMs: TIMEOUT_MS, memoryMaxBytes: MEMORY_BYTES }
  )
  return { ...plan, cpus: CPUS, isLong: true }
}
