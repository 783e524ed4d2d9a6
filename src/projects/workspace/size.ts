import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import type { FilesSize, ReadFilesSize } from '../lifecycle/status/service.ts'
import type { Quota } from './quota.ts'

/**
 * How large projects are, without starting anything for it. A running one is measured anew while its last size is told,
 * as its programs write without asking.
 */
export function createFilesSize ({ quota, agents, onError }: { quota: Quota, agents: SharedAgents, onError: (error: unknown) => void }): ReadFilesSize {
  return async (projectId, runningIn) => {
    const report = (): FilesSize => {
      const usage = quota.usageOf(projectId)
      return { size: usage?.bytes ?? null, limit: quota.limitBytes, entries: usage?.entries ?? null, entriesLimit: quota.limitEntries }
    }
    if (runningIn === undefined) return report()
    const isKnown = quota.usageOf(projectId) !== undefined
    const measuring = agents.use(runningIn, async (agent) => await quota.measure(projectId, agent)).catch(onError)
    if (!isKnown) await measuring
    return report()
  }
}
