import type { Disk } from '../../disk/index.ts'
import { isDockerError, type DockerClient } from '../../docker/index.ts'
import type { FairQueue } from '../../lib/fair-queue.ts'
import type { createSampleWindow } from '../../lib/percentiles.ts'
import type { NetworkReport } from '../../sandbox/network/project-network.ts'
import type { Pool } from '../../sandbox/pool/pool.ts'
import type { System } from './routes.ts'

const ENGINE_DEADLINE_MS = 2_000

interface Slots {
  readonly concurrency: number
  readonly burst: number
}

export async function describeSystem ({ docker, disk, version, network, ssh, pool, latency, queue, slots, longQueue, longSlots }: {
  docker: DockerClient
  disk: Pick<Disk, 'describe'>
  version: string
  network: NetworkReport
  ssh: System['ssh']
  pool: Pool
  latency: ReturnType<typeof createSampleWindow>
  queue: FairQueue
  slots: Slots
  longQueue: FairQueue
  longSlots: Slots
}): Promise<System> {
  const [engine, disks] = await Promise.all([describeEngine(docker), disk.describe()])
  return {
    version,
    uptime: Math.round(performance.now()),
    engine,
    network,
    ssh,
    capacity: { ...loadOf(queue, slots), sessions: loadOf(longQueue, longSlots), warm: warmOf(pool) },
    disk: disks,
    latency: latency.percentiles()
  }
}

function loadOf (queue: FairQueue, { concurrency, burst }: Slots) {
  return { running: queue.running(), queued: queue.waiting(), concurrency, burst }
}

function warmOf (pool: Pool): Record<string, number> {
  const fresh = pool.census().filter(({ state }) => state === 'fresh')
  return Object.fromEntries(fresh.map(({ language, count }) => [language, count]))
}

async function describeEngine (docker: DockerClient): Promise<System['engine']> {
  try {
    const { Version, ApiVersion } = await docker.system.version({ deadlineMs: ENGINE_DEADLINE_MS })
    return { version: Version, apiVersion: ApiVersion, reachable: true }
  } catch (error) {
    if (!isDockerError(error)) throw error
    return { version: null, apiVersion: null, reachable: false }
  }
}
