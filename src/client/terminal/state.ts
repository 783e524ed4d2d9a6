import { closeCodes } from '../../protocols/close-codes.ts'
import { refusalText } from '../connection/refusals.ts'
import { describeReconnecting, type Reconnecting } from '../connection/reconnecting.ts'

/** What the page says about its terminal. */
export type TerminalState =
  | { readonly name: 'connecting' }
  | { readonly name: 'connected' }
  | Reconnecting
  | { readonly name: 'ended', readonly exitCode: number | null }
  | { readonly name: 'refused', readonly closeCode: number, readonly message: string }

/** Why the server does not want to see this client again; undefined where trying again is right. */
export function terminalRefusal (closeCode: number): string | undefined {
  return closeCode === closeCodes.ended ? 'The terminal was closed.' : refusalText(closeCode)
}

/** The state in words, for the bar at the top. */
export function describeState (state: TerminalState): string {
  switch (state.name) {
    case 'connecting': return 'Connecting…'
    case 'connected': return 'Connected'
    case 'reconnecting': return describeReconnecting(state)
    case 'ended': return state.exitCode === null ? 'The shell was ended' : `The shell ended with code ${state.exitCode}`
    case 'refused': return state.message
  }
}
