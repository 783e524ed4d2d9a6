import { isDockerError, type DockerClient } from '../../docker/index.ts'
import type { FairQueue } from '../../lib/fair-queue.ts'
import type { createSampleWindow } from '../../lib/percentiles.ts'
import type { Pool } from '../../sandbox/pool/pool.ts'
import type { System } from './routes.ts'

const ENGINE_DEADLINE_MS = 2_000

export async function describeSystem ({ docker, version, queue, pool, latency, concurrency }: {
  docker: DockerClient
  version: string
  queue: FairQueue
  pool: Pool
  latency: ReturnType<typeof createSampleWindow>
  concurrency: number
}): Promise<System> {
  return {
    version,
    uptime: Math.round(performance.now()),
    engine: await describeEngine(docker),
    capacity: { running: queue.running(), queued: queue.waiting(), concurrency, warm: warmOf(pool) },
    latency: latency.percentiles()
  }
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
