/** Why the server closes a socket. */
export const closeCodes = {
  normal: 1000,
  policy: 1008,
  tryLater: 1013,
  signedOut: 4401,
  noProject: 4404,
  cannotRun: 4409
} as const

const refusals: Record<number, string> = {
  [closeCodes.policy]: 'The server ended the connection because of what it was sent.',
  [closeCodes.signedOut]: 'You are not signed in.',
  [closeCodes.noProject]: 'There is no such project, or it is not yours.',
  [closeCodes.cannotRun]: 'The project cannot run at the moment.'
}

/** Why the server does not want to see this client again; undefined where trying again is right. */
export function refusalText (closeCode: number): string | undefined {
  return refusals[closeCode]
}
