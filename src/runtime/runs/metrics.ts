import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { FairQueue } from '../../lib/fair-queue.ts'
import { readGauge } from '../../lib/read-gauge.ts'
import type { Pool } from '../../sandbox/pool/pool.ts'
import type { Status } from './execute-schemas.ts'

// From a warm interpreter's few milliseconds to the longest run that a server allows.
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** What became of a run, and where its milliseconds went. */
export interface RunRecord {
  readonly language: string
  readonly status: Status
  readonly queueMs: number
  readonly claimMs: number
  /** Undefined where nothing is compiled. */
  readonly compileMs: number | undefined
  readonly runMs: number
  readonly totalMs: number
}

export interface RunMetrics {
  /** Sandboxes that the Engine could not remove at the last sweep. */
  readonly setStuck: (count: number) => void
  readonly observe: (record: RunRecord) => void
}

/** Histograms of where a run's time goes, and gauges of queue and pool. Labels are languages and statuses only. */
export function createRunMetrics (registry: Registry, { pool, queue, longQueue, unrecorded }: {
  pool: Pool
  queue: FairQueue
  longQueue: FairQueue
  /** Sessions whose end could not be recorded so far. */
  unrecorded: () => number
}): RunMetrics {
  const queues = [['short', queue], ['long', longQueue]] as const
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Histogram<Label> =>
    new Histogram({ name: `berth_run_${name}_seconds`, help, labelNames: [...labelNames], buckets: BUCKETS_SECONDS, registers: [registry] })

  const queued = histogram('queue', 'Time that a run waited for its turn', ['language'])
  const claimed = histogram('claim', 'Time to get a sandbox', ['language'])
  const compiled = histogram('compile', 'Time of the compiler', ['language'])
  const ran = histogram('program', 'Time of the program itself', ['language', 'status'])
  const total = histogram('total', 'Time from the request to the result', ['language', 'status'])
  readGauge(registry, { name: 'queue_running', help: 'Runs under way', labels: ['queue'], read: () => queues.map(([queue, { running }]) => [{ queue }, running()]) })
  readGauge(registry, { name: 'queue_waiting', help: 'Runs that wait for their turn', labels: ['queue'], read: () => queues.map(([queue, { waiting }]) => [{ queue }, waiting()]) })
  readGauge(registry, {
    name: 'pool_sandboxes',
    help: 'Sandboxes of the pool',
    labels: ['language', 'state'],
    read: () => pool.census().map(({ language, state, count }) => [{ language, state }, count])
  })

  void new Counter({
    name: 'berth_sessions_unrecorded_total',
    help: 'Sessions whose end the database did not take',
    registers: [registry],
    collect () {
      this.reset()
      this.inc(unrecorded())
    }
  })

  const stuck = new Gauge({ name: 'berth_sandboxes_stuck', help: 'Sandboxes that the Engine cannot remove', registers: [registry] })

  return {
    setStuck: (count) => stuck.set(count),
    observe ({ language, status, queueMs, claimMs, compileMs, runMs, totalMs }) {
      queued.observe({ language }, queueMs / 1000)
      claimed.observe({ language }, claimMs / 1000)
      if (compileMs !== undefined) compiled.observe({ language }, compileMs / 1000)
      ran.observe({ language, status }, runMs / 1000)
      total.observe({ language, status }, totalMs / 1000)
    }
  }
}
