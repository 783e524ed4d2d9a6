import type { ProjectStatus } from '../../db/schema/projects.ts'

export interface SettledProject {
  readonly status: ProjectStatus
  readonly isDeleted: boolean
}

/**
 * What to do with a project that nobody is at work on, so that the database and the Engine agree:
 * - `keep`: they do.
 * - `rest`: no container from here on, with that status; `cause` says what people should be told, if anything.
 * - `delete`: go on with a deletion.
 */
export type Settlement =
  | { readonly kind: 'keep' }
  | { readonly kind: 'rest', readonly status: 'stopped' | 'error', readonly cause: 'container_ended' | 'start_interrupted' | undefined }
  | { readonly kind: 'delete' }

export function settle ({ status, isDeleted }: SettledProject, container: { readonly isRunning: boolean } | undefined): Settlement {
  if (isDeleted) return { kind: 'delete' }
  switch (status) {
    case 'running':
      return container?.isRunning === true ? { kind: 'keep' } : { kind: 'rest', status: 'stopped', cause: 'container_ended' }
    case 'starting':
      return { kind: 'rest', status: 'stopped', cause: 'start_interrupted' }
    case 'stopping':
      return { kind: 'rest', status: 'stopped', cause: undefined }
    case 'stopped':
    case 'error':
      return container === undefined ? { kind: 'keep' } : { kind: 'rest', status, cause: undefined }
  }
}

/** How a container has ended, as the Engine tells. */
export interface ContainerEnd {
  readonly exitCode: number
  readonly isOomKilled: boolean
}

const SIGNALLED = 128
const ADVICE = 'The files are still there: start the project again'

/** Why there is no running container although nobody of ours has stopped it; null if it ended in order. */
export function explainEnd (end: ContainerEnd | undefined): string | null {
  if (end === undefined) return `The container was removed from outside of Berth. ${ADVICE}`
  // The agent ends with 0 when it is asked to, as by an Engine that shuts down. The Engine says OOM-killed of a container in
  // which any program ever was.
  if (end.exitCode === 0) return null
  if (end.isOomKilled) return `The container ran out of memory. ${ADVICE}`
  const how = end.exitCode > SIGNALLED ? `was killed by signal ${end.exitCode - SIGNALLED}` : `ended with exit code ${end.exitCode}`
  return `The container ${how}. ${ADVICE}`
}

export const interruptedStart = 'The server went away while it started this project. Start it again'
