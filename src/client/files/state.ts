import { describeReconnecting } from '../connection/reconnecting.ts'
import type { ConnectionState } from '../connection/reconnecting-socket.ts'

export type { ConnectionState } from '../connection/reconnecting-socket.ts'

export function describeConnection (state: ConnectionState): string {
  switch (state.name) {
    case 'connecting': return 'Connecting…'
    case 'connected': return 'Connected'
    case 'reconnecting': return describeReconnecting(state)
    case 'refused': return 'Not connected'
  }
}
