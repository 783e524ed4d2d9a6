import type { Config } from '../../../config.ts'
import type { Runtime } from '../../../sandbox/images/catalogue.ts'
import { refuse } from './refuse.ts'

export interface StageLimits {
  readonly wallMs: number
  readonly cpuMs: number
  readonly memoryBytes: number
}

export interface JobLimits {
  readonly compile: StageLimits
  readonly run: StageLimits
}

type Stage = keyof JobLimits

interface Bounds {
  readonly fallback: number
  readonly minimum: number
  readonly maximum: number
  /** Whether -1 asks for as much as there is. */
  readonly hasUnlimited: boolean
}

// The defaults that Piston documents, for wall-clock and for CPU time.
const DEFAULT_MS: Readonly<Record<Stage, number>> = { compile: 10_000, run: 3_000 }
const MIN_MEMORY_BYTES = 16 * 1024 * 1024

/**
 * The limits of both stages, from `compile_timeout`, `run_cpu_time` and so on. Zero is as good as left out, as in Piston;
 * what is above the server's ceiling is refused.
 */
export function readLimits (fields: Readonly<Record<string, unknown>>, definition: Runtime, ceilings: Config['execution']): JobLimits {
  const memory = (stage: Stage): number => readLimit(`${stage}_memory_limit`, fields, {
    fallback: ceilings.memoryMaxBytes, minimum: MIN_MEMORY_BYTES, maximum: ceilings.memoryMaxBytes, hasUnlimited: true
  })
  const time = (stage: Stage, name: 'timeout' | 'cpu_time'): number => readLimit(`${stage}_${name}`, fields, {
    fallback: Math.min(defaultMs(stage, definition), ceilings.timeoutMaxMs), minimum: 1, maximum: ceilings.timeoutMaxMs, hasUnlimited: false
  })
  const limitsOf = (stage: Stage): StageLimits => ({
    memoryBytes: memory(stage),
    wallMs: time(stage, 'timeout'),
    cpuMs: time(stage, 'cpu_time')
  })
  return { compile: limitsOf('compile'), run: limitsOf('run') }
}

/** A slow compiler has more time by default, as with Piston's packages. */
function defaultMs (stage: Stage, { limits }: Runtime): number {
  return stage === 'compile' ? Math.max(DEFAULT_MS.compile, limits.compileTimeout ?? 0) : DEFAULT_MS.run
}

function readLimit (name: string, fields: Readonly<Record<string, unknown>>, { fallback, minimum, maximum, hasUnlimited }: Bounds): number {
  const value = fields[name]
  if (!value) return fallback
  if (typeof value !== 'number') refuse(`If specified, ${name} must be a number`)
  if (hasUnlimited && value === -1) return maximum
  if (value > maximum) refuse(`${name} cannot exceed the configured limit of ${maximum}`)
  if (value < 0) refuse(`${name} must be non-negative`)
  if (value < minimum) refuse(`${name} must be at least ${minimum}`)
  return Math.ceil(value)
}
