import type { Project, ProjectDetails } from '../api/types.ts'

const MINUTE_MS = 60_000

/** One line on a project: its runtime and, while it runs, what listens in it and when it will stop by itself. */
export function describeProject ({ runtime }: Project, details: ProjectDetails | undefined, now: Date): string {
  const parts = [runtime]
  if (details?.status !== 'running') return runtime
  const ports = details.ports.map(({ port }) => port)
  if (ports.length > 0) parts.push(`listens on ${ports.join(', ')}`)
  if (details.stopsAt !== null) {
    const minutes = Math.max(1, Math.ceil((Date.parse(details.stopsAt) - now.getTime()) / MINUTE_MS))
    parts.push(`stops in ${minutes} min unless it is used`)
  }
  return parts.join(' · ')
}
