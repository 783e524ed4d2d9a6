import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import type { Quota } from './quota.ts'

export interface FilesSize {
  /** Bytes on the disk, as last measured; null until this server has had to do with the project's files. */
  readonly size: number | null
  readonly limit: number
}

export type ReadFilesSize = (projectId: string, runningIn: string | undefined) => Promise<FilesSize>

/**
 * How large projects are, without starting anything for it. A running one is measured anew while its last size is told,
 * as its programs write without asking.
 */
export function createFilesSize ({ quota, agents, onError }: { quota: Quota, agents: SharedAgents, onError: (error: unknown) => void }): ReadFilesSize {
  return async (projectId, runningIn) => {
    const limit = quota.limitBytes
    const known = quota.sizeOf(projectId)
    if (runningIn === undefined) return { size: known ?? null, limit }
    const measuring = agents.use(runningIn, async (agent) => await quota.measure(projectId, agent)).catch((error: unknown) => {
      onError(error)
      return null
    })
    return { size: known ?? await measuring, limit }
  }
}
