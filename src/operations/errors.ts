/** Something that the operator has to do; the message says what. */
export class OperationError extends Error {
  override readonly name = 'OperationError'
}
