export interface Percentiles {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** Nearest-rank percentiles of the samples; null for each while there is none. */
export function percentiles (samples: readonly number[]): Percentiles {
  const sorted = [...samples].sort((a, b) => a - b)
  const rank = (p: number): number | null => sorted[Math.ceil(p * sorted.length) - 1] ?? null
  return { p50: rank(0.50), p95: rank(0.95), p99: rank(0.99) }
}

/** Keeps the newest `capacity` samples and forgets the others. */
export function createSampleWindow (capacity: number) {
  const samples: number[] = []
  let next = 0
  return {
    add (sample: number): void {
      samples[next] = sample
      next = (next + 1) % capacity
    },
    percentiles: (): Percentiles => percentiles(samples)
  }
}
