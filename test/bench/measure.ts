import { percentiles } from '../../src/lib/percentiles.ts'

export type Print = (line: string) => void

/** Runs the cases in turn, so that whatever else the machine does hits them alike, and returns each one's milliseconds. */
export async function interleave<Name extends string> (rounds: number, cases: Record<Name, () => Promise<void>>): Promise<Record<Name, number[]>> {
  const entries = Object.entries(cases) as Array<[Name, () => Promise<void>]>
  const samples = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of entries) {
      const start = performance.now()
      await run()
      samples[name].push(performance.now() - start)
    }
  }
  return samples
}

/** One line: p50, p95, p99 in milliseconds, and the ratio of the p50s to the yardstick. */
export function reportLine (name: string, samples: readonly number[], yardstick?: readonly number[]): string {
  const { p50, p95, p99 } = percentiles(samples)
  const ms = (value: number | null): string => (value ?? 0).toFixed(2).padStart(9)
  const base = yardstick === undefined ? null : percentiles(yardstick).p50
  const ratio = base === null ? '' : `   ${((p50 ?? 0) / base).toFixed(2)} x`
  return `${name.padEnd(44)} p50${ms(p50)}  p95${ms(p95)}  p99${ms(p99)}${ratio}`
}
