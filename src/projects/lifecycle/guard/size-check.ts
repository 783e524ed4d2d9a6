import { errors } from '../../../errors.ts'
import type { FilePlace } from '../../workspace/place.ts'
import type { Quota } from '../../workspace/quota.ts'
import { explainTooLarge } from './explain.ts'
import { isTooLarge, type GuardLimits } from './plan.ts'

/** Throws PROJECT_TOO_LARGE for a project that the guard would stop again. Only one that was too large before is measured. */
export function createSizeCheck ({ quota, limits, useFiles }: { quota: Quota, limits: GuardLimits, useFiles: FilePlace['use'] }): (projectId: string) => Promise<void> {
  function isKnownAsTooLarge (projectId: string): boolean {
    const usage = quota.usageOf(projectId)
    return usage !== undefined && isTooLarge(usage, limits)
  }

  return async (projectId) => {
    if (!isKnownAsTooLarge(projectId)) return
    await useFiles(projectId, async (agent) => { await quota.remeasure(projectId, agent) })
    const usage = quota.usageOf(projectId)
    if (usage !== undefined && isTooLarge(usage, limits)) throw new errors.PROJECT_TOO_LARGE(explainTooLarge(usage, limits))
  }
}
