import { isDockerError, type ContainerStats, type DockerClient } from '../../docker/index.ts'

export interface Usage {
  readonly memory: number
  readonly memoryLimit: number
  readonly cpu: number
}

interface Reading {
  readonly atMs: number
  readonly cpuNs: number
}

const FRESH_MS = 1_000
const FORGET_MS = 60_000

/**
 * What containers use, read from the Engine at most once a second each, however many ask. The Engine's own CPU share needs
 * two readings a second apart; here it is the mean since the last one that somebody asked for, or since the start.
 */
export function createUsageReader (docker: DockerClient, now: () => number = () => performance.now()) {
  const readings = new Map<string, { readonly atMs: number, readonly usage: Promise<Usage | null>, reading?: Reading }>()

  async function read (containerId: string, startedAt: Date, previous: Reading | undefined, keep: (reading: Reading) => void): Promise<Usage | null> {
    let stats: ContainerStats
    try {
      stats = await docker.containers.stats(containerId)
    } catch (error) {
      // The Engine answers 200 with nothing for a container that ends meanwhile.
      if (isDockerError(error, 'not_found', 'conflict', 'protocol')) return null
      throw error
    }
    const { usage, limit, stats: details = {} } = stats.memory_stats
    if (usage === undefined || limit === undefined) return null
    const reading = { atMs: Date.parse(stats.read), cpuNs: stats.cpu_stats.cpu_usage.total_usage }
    keep(reading)
    const base = previous ?? { atMs: startedAt.getTime(), cpuNs: 0 }
    const cpu = (reading.cpuNs - base.cpuNs) / 1e6 / Math.max(reading.atMs - base.atMs, 1)
    return {
      memory: Math.max(usage - (details.total_inactive_file ?? details.inactive_file ?? 0), 0),
      memoryLimit: limit,
      cpu: Math.round(Math.max(cpu, 0) * 1000) / 1000
    }
  }

  function forgetOld (): void {
    for (const [containerId, { atMs }] of readings) {
      if (now() - atMs > FORGET_MS) readings.delete(containerId)
    }
  }

  /** Null when the container is not running. */
  return async (containerId: string, startedAt: Date): Promise<Usage | null> => {
    const known = readings.get(containerId)
    if (known !== undefined && now() - known.atMs < FRESH_MS) return await known.usage
    forgetOld()
    const entry: { atMs: number, usage: Promise<Usage | null>, reading?: Reading } = {
      atMs: now(),
      usage: read(containerId, startedAt, known?.reading, (reading) => { entry.reading = reading })
    }
    readings.set(containerId, entry)
    entry.usage.catch(() => readings.delete(containerId))
    return await entry.usage
  }
}
