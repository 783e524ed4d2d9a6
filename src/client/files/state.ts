import { describeReconnecting, type Reconnecting } from '../connection/reconnecting.ts'

/** What the page says about its connection. */
export type ConnectionState =
  | { readonly name: 'connecting' }
  | { readonly name: 'connected' }
  | Reconnecting
  | { readonly name: 'refused', readonly closeCode: number, readonly message: string }

export function describeConnection (state: ConnectionState): string {
  switch (state.name) {
    case 'connecting': return 'Connecting…'
    case 'connected': return 'Connected'
    case 'reconnecting': return describeReconnecting(state)
    case 'refused': return 'Not connected'
  }
}
