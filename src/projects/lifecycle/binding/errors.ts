/** The database and the Engine do not fit; the message is for the operator. */
export class MisfitError extends Error {
  override readonly name = 'MisfitError'
}
