import { isDockerError, type ContainerStats, type DockerClient } from '../../docker/index.ts'

const PAGE_BYTES = 4_096
const DEADLINE_MS = 5_000

/**
 * How much a container has had written, ever. Where control groups are of version 1 what goes through the page cache is
 * counted for nobody, but each page that is written to has been charged before. Undefined for one that does not run.
 */
export async function readWrittenBytes (docker: DockerClient, containerId: string): Promise<number | undefined> {
  try {
    return toWrittenBytes(await docker.containers.stats(containerId, { deadlineMs: DEADLINE_MS }))
  } catch (error) {
    if (isDockerError(error)) return undefined
    throw error
  }
}

export function toWrittenBytes ({ blkio_stats: blkio, memory_stats: { stats = {} } }: ContainerStats): number {
  const written = (blkio?.io_service_bytes_recursive ?? []).filter(({ op }) => /^write$/i.test(op)).reduce((sum, { value }) => sum + value, 0)
  return written + (stats['total_pgpgin'] ?? 0) * PAGE_BYTES
}
