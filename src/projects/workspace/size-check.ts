import { errors } from '../../errors.ts'
import { explainTooLarge } from '../lifecycle/guard/explain.ts'
import { isTooLarge, type GuardLimits } from '../lifecycle/guard/plan.ts'
import type { Quota } from './quota.ts'
import type { Workspace } from './workspace.ts'

/** Throws PROJECT_TOO_LARGE for a project that the guard would stop again. Only one that was too large before is measured. */
export function createSizeCheck ({ quota, limits, withAgent }: { quota: Quota, limits: GuardLimits, withAgent: Workspace['withAgent'] }): (projectId: string) => Promise<void> {
  function isKnownAsTooLarge (projectId: string): boolean {
    const usage = quota.usageOf(projectId)
    return usage !== undefined && isTooLarge(usage, limits)
  }

  return async (projectId) => {
    if (!isKnownAsTooLarge(projectId)) return
    await withAgent(projectId, async (agent) => { await quota.remeasure(projectId, agent) })
    const usage = quota.usageOf(projectId)
    if (usage !== undefined && isTooLarge(usage, limits)) throw new errors.PROJECT_TOO_LARGE(explainTooLarge(usage, limits))
  }
}
