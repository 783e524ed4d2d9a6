import type { ProjectDetails } from './api/types.ts'

const MINUTE_MS = 60_000

/** When the project stops by itself, as far as anybody knows now. */
export function describeStop (details: Pick<ProjectDetails, 'status' | 'stopsAt'>, now: Date): string {
  if (details.status !== 'running' || details.stopsAt === null) return ''
  return `stops in ${Math.max(1, Math.ceil((Date.parse(details.stopsAt) - now.getTime()) / MINUTE_MS))} min`
}
