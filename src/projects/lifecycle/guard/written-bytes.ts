import { isDockerError, type ContainerStats, type DockerClient } from '../../../docker/index.ts'

const PAGE_BYTES = 4_096
const DEADLINE_MS = 5_000

export interface WrittenBytes {
  /** Ever. */
  readonly written: number
  /** In the page cache, on its way to the disk. */
  readonly pending: number
}

/**
 * How much a container has had written. Where control groups are of version 1 what goes through the page cache is
 * counted for nobody, but what is written to has been charged before, at least a page at a time. Undefined for one that does not run.
 */
export async function readWrittenBytes (docker: DockerClient, containerId: string): Promise<WrittenBytes | undefined> {
  try {
    return toWrittenBytes(await docker.containers.stats(containerId, { deadlineMs: DEADLINE_MS }))
  } catch (error) {
    if (isDockerError(error)) return undefined
    throw error
  }
}

export function toWrittenBytes ({ blkio_stats: blkio, memory_stats: { stats = {} } }: ContainerStats): WrittenBytes {
  const written = (blkio?.io_service_bytes_recursive ?? []).filter(({ op }) => /^write$/i.test(op)).reduce((sum, { value }) => sum + value, 0)
  const count = (...names: string[]): number => names.reduce((sum, name) => sum + (stats[name] ?? 0), 0)
  return {
    written: written + count('total_pgpgin') * PAGE_BYTES,
    pending: count('total_dirty', 'total_writeback', 'file_dirty', 'file_writeback')
  }
}
