export const closeCode = { ended: 1000, policy: 1008, internalError: 1011, tryLater: 1013, notSignedIn: 4401, notFound: 4404, cannotRun: 4409 } as const

const byStatus: Record<number, number> = {
  400: closeCode.policy,
  401: closeCode.notSignedIn,
  403: closeCode.policy,
  404: closeCode.notFound,
  409: closeCode.cannotRun,
  413: closeCode.policy,
  429: closeCode.tryLater,
  503: closeCode.tryLater
}

/** The close code that says what an HTTP status would have said. */
export function closeCodeOf (statusCode: number): number {
  return byStatus[statusCode] ?? closeCode.internalError
}
