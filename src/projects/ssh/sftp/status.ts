import { errors } from '../../../errors.ts'
import { describeError, type ErrorDescription } from '../../../http/describe-error.ts'
import { StatusCode } from './packets.ts'

const codes: Readonly<Record<string, StatusCode>> = {
  FILE_NOT_FOUND: StatusCode.NO_SUCH_FILE,
  PROJECT_NOT_FOUND: StatusCode.NO_SUCH_FILE,
  FILE_DENIED: StatusCode.PERMISSION_DENIED,
  BAD_PATH: StatusCode.PERMISSION_DENIED,
  VIEW_ONLY: StatusCode.PERMISSION_DENIED
}

/** What is asked for is none of what can be done here. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError'
}

export interface Status extends Pick<ErrorDescription, 'message'> {
  readonly code: StatusCode
  /** Ours to look into. */
  readonly isOurs: boolean
  /** The project is no more, or somebody has no part in it any more. */
  readonly isOver: boolean
}

/** What a client is told of an error, in the few words that SFTP has for it. */
export function statusOf (error: unknown): Status {
  if (error instanceof UnsupportedError) return { code: StatusCode.OP_UNSUPPORTED, message: error.message, isOurs: false, isOver: false }
  const { statusCode, code, message } = describeError(error)
  return { code: codes[code] ?? StatusCode.FAILURE, message, isOurs: statusCode >= 500 && statusCode !== 503 && statusCode !== 507, isOver: error instanceof errors.PROJECT_NOT_FOUND }
}
