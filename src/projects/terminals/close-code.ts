import type { describeError } from '../../http/describe-error.ts'
import { closeCode, closeCodeOf as closeCodeOfStatus } from '../../sockets/close-code.ts'

const byCode: Record<string, number> = {
  PROJECT_START_FAILED: closeCode.cannotRun,
  TERMINAL_START_FAILED: closeCode.cannotRun
}

/** The close code that says what an HTTP status would have said. */
export function closeCodeOf ({ statusCode, code }: ReturnType<typeof describeError>): number {
  return byCode[code] ?? closeCodeOfStatus(statusCode)
}
