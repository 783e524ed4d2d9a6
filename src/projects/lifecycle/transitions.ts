import type { ProjectStatus } from '../../db/schema/projects.ts'

export type Intent = 'start' | 'stop' | 'delete'

/** A project as the database has it, with the lease already compared with the database's clock. */
export interface ProjectView {
  readonly status: ProjectStatus
  /** Some server is at work on it; false once that server's lease has run out. */
  readonly isLeased: boolean
  readonly isDeleted: boolean
}

/**
 * What whoever wants something of a project does next:
 * `claim` it and do the work, `wait` for the one who is at work, or stop because it is `done`, `gone`, or because the
 * attempt that was waited for has `failed`.
 */
export type NextStep = 'claim' | 'wait' | 'done' | 'gone' | 'failed'

/** `hasWaitedForStart` is for somebody else's start, so that ten callers of one that fails make one attempt. */
export function nextStep (project: ProjectView | undefined, intent: Intent, hasWaitedForStart: boolean): NextStep {
  if (project === undefined) return intent === 'delete' ? 'done' : 'gone'
  if (project.isDeleted && intent !== 'delete') return 'gone'
  if (project.isLeased) return 'wait'
  if (intent === 'start') {
    if (project.status === 'running') return 'done'
    return hasWaitedForStart && project.status === 'error' ? 'failed' : 'claim'
  }
  // An expired `starting` or `stopping` is what a server left that died in the middle: the work is there to be done.
  return intent === 'stop' && project.status === 'stopped' ? 'done' : 'claim'
}
