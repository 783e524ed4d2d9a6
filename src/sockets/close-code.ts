import type { ErrorDescription } from '../http/describe-error.ts'
import { closeCodes } from '../protocols/close-codes.ts'

const byStatus: Record<number, number> = {
  400: closeCodes.policy,
  401: closeCodes.notSignedIn,
  403: closeCodes.policy,
  404: closeCodes.notFound,
  408: closeCodes.idle,
  409: closeCodes.cannotRun,
  413: closeCodes.policy,
  429: closeCodes.tryLater,
  503: closeCodes.tryLater
}
// Trying again would not help, whatever the status says.
const byCode: Record<string, number> = {
  PROJECT_START_FAILED: closeCodes.cannotRun,
  TERMINAL_START_FAILED: closeCodes.cannotRun
}

/** The close code that says what an HTTP status would have said. */
export function closeCodeOf ({ statusCode, code }: Pick<ErrorDescription, 'statusCode' | 'code'>): number {
  return byCode[code] ?? byStatus[statusCode] ?? closeCodes.internalError
}
