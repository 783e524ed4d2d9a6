import type { Project, ProjectDetails } from '../api/types.ts'

const MINUTE_MS = 60_000

/** One line on a project: its runtime and, while it runs, when it will stop by itself. */
export function describeProject ({ runtime }: Project, details: ProjectDetails | undefined, now: Date): string {
  if (details?.status !== 'running' || details.stopsAt === null) return runtime
  const minutes = Math.max(1, Math.ceil((Date.parse(details.stopsAt) - now.getTime()) / MINUTE_MS))
  return `${runtime} · stops in ${minutes} min unless it is used`
}
