import { isDockerError, type ContainerStats, type DockerClient } from '../../../docker/index.ts'

export interface Usage {
  readonly memory: number
  readonly memoryLimit: number
  readonly cpu: number
}

interface Reading {
  readonly usage: Usage | null
  /** On our clock. */
  readonly atMs: number
  readonly cpu: CpuTime | undefined
}

/** On the Engine's clock. */
interface CpuTime {
  readonly atMs: number
  readonly usedNs: number
}

interface Entry {
  last: Reading | undefined
  refreshing: Promise<Reading> | undefined
}

const FRESH_MS = 1_000
const USABLE_MS = 10_000

/**
 * What containers use, read at most once a second each, however many ask. The Engine takes up to a second even for a
 * one-shot reading, since it waits for its collector's next round: who has asked lately gets the last reading at once,
 * and the next who asks a newer one. CPU is the mean since the reading before, or since the start.
 */
export function createUsageReader (docker: DockerClient, now: () => number = () => performance.now()) {
  const entries = new Map<string, Entry>()

  async function read (containerId: string, startedAt: Date, previous: CpuTime | undefined): Promise<Reading> {
    const stats = await readStats(docker, containerId)
    if (stats === undefined) return { usage: null, atMs: now(), cpu: undefined }
    const cpu = { atMs: Date.parse(stats.read), usedNs: stats.cpu_stats.cpu_usage.total_usage }
    return { usage: toUsage(stats, cpu, previous ?? { atMs: startedAt.getTime(), usedNs: 0 }), atMs: now(), cpu }
  }

  async function refresh (containerId: string, startedAt: Date, entry: Entry): Promise<Reading> {
    entry.refreshing ??= read(containerId, startedAt, entry.last?.cpu).then((reading) => (entry.last = reading)).finally(() => {
      entry.refreshing = undefined
      if (entry.last === undefined) entries.delete(containerId)
    })
    return await entry.refreshing
  }

  function forgetOld (): void {
    for (const [containerId, { last, refreshing }] of entries) {
      if (refreshing === undefined && (last === undefined || now() - last.atMs > USABLE_MS)) entries.delete(containerId)
    }
  }

  /** Null when the container is not running. */
  return async (containerId: string, startedAt: Date): Promise<Usage | null> => {
    forgetOld()
    const entry = entries.get(containerId) ?? { last: undefined, refreshing: undefined }
    entries.set(containerId, entry)
    const { last } = entry
    if (last !== undefined && now() - last.atMs < FRESH_MS) return last.usage
    const refreshing = refresh(containerId, startedAt, entry)
    if (last === undefined) return (await refreshing).usage
    refreshing.catch(() => {
      // Whoever asks when the last reading is too old is told.
    })
    return last.usage
  }
}

async function readStats (docker: DockerClient, containerId: string): Promise<ContainerStats | undefined> {
  try {
    return await docker.containers.stats(containerId)
  } catch (error) {
    // The Engine answers 200 with nothing for a container that ends meanwhile.
    if (isDockerError(error, 'not_found', 'conflict', 'protocol')) return undefined
    throw error
  }
}

/** Null for a container that is not running: the Engine leaves its memory out. */
function toUsage ({ memory_stats: { usage, limit, stats = {} } }: ContainerStats, cpu: CpuTime, since: CpuTime): Usage | null {
  if (usage === undefined || limit === undefined) return null
  const share = (cpu.usedNs - since.usedNs) / 1e6 / Math.max(cpu.atMs - since.atMs, 1)
  return {
    // As `docker stats` shows it: what the kernel caches of files can go at any time.
    memory: Math.max(usage - (stats.total_inactive_file ?? stats.inactive_file ?? 0), 0),
    memoryLimit: limit,
    cpu: Math.round(Math.max(share, 0) * 1000) / 1000
  }
}
