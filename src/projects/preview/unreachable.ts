/** `refused`: nothing listens. `busy`: too many connections. `silent`: no answer in time. `broken`: it hung up without an answer. */
export type UnreachableReason = 'refused' | 'busy' | 'silent' | 'broken'

/** The app behind a preview cannot be talked to now. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  readonly reason: UnreachableReason

  constructor (reason: UnreachableReason, options?: ErrorOptions) {
    super(`the app cannot be reached: ${reason}`, options)
    this.reason = reason
  }
}
