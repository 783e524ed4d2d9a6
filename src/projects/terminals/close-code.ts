import type { describeError } from '../../plugins/error-handler.ts'

export const closeCode = {
  shellEnded: 1000,
  policy: 1008,
  internalError: 1011,
  tryLater: 1013,
  notSignedIn: 4401,
  notFound: 4404,
  cannotRun: 4409
} as const

const byStatus: Record<number, number> = {
  400: closeCode.policy,
  401: closeCode.notSignedIn,
  403: closeCode.policy,
  404: closeCode.notFound,
  409: closeCode.cannotRun,
  429: closeCode.tryLater,
  503: closeCode.tryLater
}

const byCode: Record<string, number> = {
  PROJECT_START_FAILED: closeCode.cannotRun,
  TERMINAL_START_FAILED: closeCode.cannotRun
}

/** The close code that says what an HTTP status would have said. */
export function closeCodeOf ({ statusCode, code }: ReturnType<typeof describeError>): number {
  return byCode[code] ?? byStatus[statusCode] ?? closeCode.internalError
}
