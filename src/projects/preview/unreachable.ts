/**
 * `refused`: nothing listens. `busy`: too many connections. `silent`: no answer in time. `broken`: it hung up without an
 * answer. `invalid`: it answered something that is no HTTP. `stuck`: what in the project's container leads there does not
 * answer.
 */
export type UnreachableReason = 'refused' | 'busy' | 'silent' | 'broken' | 'invalid' | 'stuck'

/** The app behind a preview cannot be talked to now. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  readonly reason: UnreachableReason
  /** What it did, to be read after "What listens on port 3000". */
  readonly detail: string | undefined

  constructor (reason: UnreachableReason, { detail, ...options }: ErrorOptions & { detail?: string } = {}) {
    super(`the app cannot be reached: ${reason}`, options)
    this.reason = reason
    this.detail = detail
  }
}
