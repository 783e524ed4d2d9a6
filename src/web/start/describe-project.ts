import type { Project, ProjectDetails } from '../api/types.ts'
import { describeStop } from '../countdown.ts'

/** One line on a project: its runtime and, while it runs, when it will stop by itself. */
export function describeProject ({ runtime }: Project, details: ProjectDetails | undefined, now: Date): string {
  const stop = details === undefined ? '' : describeStop(details, now)
  return stop === '' ? runtime : `${runtime} · ${stop} unless it is used`
}
