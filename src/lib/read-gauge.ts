import { Gauge, type Registry } from 'prom-client'
import { toldWithin } from './told-within.ts'

/** Values, each with its labels. */
export type Readings = ReadonlyArray<readonly [labels: Record<string, string>, value: number]>

// Longer than the Engine and the database are waited for by those who ask whether they are there.
const DEADLINE_MS = 3_000

/** A gauge that is read when somebody asks for it. What cannot be told, or not soon enough, is left out and takes nothing else along. */
export function readGauge (registry: Registry, { name, help, labels = [], read }: {
  /** Without the prefix that all of ours have. */
  name: string
  help: string
  labels?: readonly string[]
  read: () => Readings | Promise<Readings>
}): void {
  void new Gauge({
    name: `berth_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
    async collect () {
      const readings = await toldWithin(DEADLINE_MS, (async () => await read())())
      this.reset()
      for (const [of, value] of readings ?? []) this.set(of, value)
    }
  })
}
