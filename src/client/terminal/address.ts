import type { Attachment } from './session.ts'

/** Where a terminal of a project is, and the place in its output from which to go on. */
export function terminalPath (projectId: string, { terminal, since, size }: Attachment): string {
  return `/terminal/${encodeURIComponent(projectId)}?${query({ terminal, since, ...size })}`
}

/** The same of a process, with a TTY or without. */
export function processPath (projectId: string, processId: string, { since, size }: Attachment): string {
  return `/projects/${encodeURIComponent(projectId)}/processes/${encodeURIComponent(processId)}?${query({ since, ...size })}`
}

function query (fields: Record<string, string | number | undefined>): string {
  const given = Object.entries(fields).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]])
  return new URLSearchParams(given).toString()
}
