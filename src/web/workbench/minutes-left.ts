import type { ProjectDetails } from '../api/types.ts'

const MINUTE_MS = 60_000

/** When the project stops by itself, as far as anybody knows now. */
export function minutesLeft ({ status, stopsAt }: Pick<ProjectDetails, 'status' | 'stopsAt'>, now: Date): number | undefined {
  if (status !== 'running' || stopsAt === null) return undefined
  return Math.max(1, Math.ceil((Date.parse(stopsAt) - now.getTime()) / MINUTE_MS))
}
