/** Why the server closes a WebSocket. */
export const closeCodes = {
  ended: 1000,
  policy: 1008,
  internalError: 1011,
  tryLater: 1013,
  notSignedIn: 4401,
  notFound: 4404,
  /** Nothing was said for a while: connect again when something is to be. */
  idle: 4408,
  cannotRun: 4409
} as const
