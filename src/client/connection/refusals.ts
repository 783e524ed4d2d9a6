import { closeCodes } from '../../protocols/close-codes.ts'

const refusals: Record<number, string> = {
  [closeCodes.policy]: 'The server ended the connection because of what it was sent.',
  [closeCodes.notSignedIn]: 'You are not signed in.',
  [closeCodes.notFound]: 'There is no such project, or it is not yours.',
  [closeCodes.cannotRun]: 'The project cannot run at the moment.'
}

/** Why the server does not want to see this client again; undefined where trying again is right. */
export function refusalText (closeCode: number): string | undefined {
  return refusals[closeCode]
}
