import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { clientNetwork } from '../lib/client-network.ts'
import { sendErrorTo } from './error-answer.ts'

export interface ConnectionLimit {
  /** False when the connection was refused. */
  readonly enter: (socket: Socket) => boolean
  /** Somebody has shown a credential on it: it counts no longer. */
  readonly trust: (socket: Duplex) => void
}

/** Not counted behind a proxy, whose connections are everybody's. */
const CONNECTIONS_PER_ADDRESS = 4_000

/** Connections on which nobody has shown who they are, by address: one stranger must not have all descriptors. */
export function createConnectionLimit (most = CONNECTIONS_PER_ADDRESS): ConnectionLimit {
  const counts = new Map<string, number>()
  const strangers = new Map<Duplex, string>()

  function leave (socket: Duplex): void {
    const network = strangers.get(socket)
    if (network === undefined) return
    strangers.delete(socket)
    const left = (counts.get(network) ?? 1) - 1
    if (left === 0) counts.delete(network)
    else counts.set(network, left)
  }

  return {
    enter (socket) {
      const network = clientNetwork(socket.remoteAddress ?? '')
      const count = counts.get(network) ?? 0
      if (count >= most) {
        sendErrorTo(socket, { statusCode: 429, code: 'RATE_LIMITED', message: 'Too many connections are open from this address. Close some first', requestId: randomUUID(), retryAfterSeconds: 2 })
        return false
      }
      counts.set(network, count + 1)
      strangers.set(socket, network)
      socket.once('close', () => leave(socket))
      return true
    },
    trust: leave
  }
}
