import type { CloneStatus } from '../../../db/schema/project-clones.ts'

export interface Repository {
  readonly url: string
  /** A branch, a tag or a whole commit hash; null for what the repository itself takes. */
  readonly ref: string | null
}

/** The repository that a project is from, and how its clone stands. */
export interface Source extends Repository {
  readonly status: CloneStatus
  readonly commit: string | null
  readonly error: string | null
}
