/** Why the server closes a WebSocket. */
export const closeCodes = {
  ended: 1000,
  policy: 1008,
  internalError: 1011,
  tryLater: 1013,
  notSignedIn: 4401,
  notFound: 4404,
  cannotRun: 4409
} as const
