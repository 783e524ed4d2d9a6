import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toUnreachable } from './diagnose.ts'
import { startRequest, type Exchange } from './exchange.ts'
import { pairs } from './raw-headers.ts'
import { UnreachableError } from './unreachable.ts'

/** Neither side has anything to say once the other has hung up: a WebSocket is closed by messages before. */
const HALF_OPEN_MS = 5_000

export type UpgradeOutcome =
  | { readonly kind: 'upgraded', readonly answer: IncomingMessage, readonly socket: Duplex, readonly head: Buffer }
  | { readonly kind: 'refused', readonly answer: IncomingMessage }

/** Asks the app to change to the WebSocket protocol. Rejects with UnreachableError. */
export async function sendUpgrade (exchange: Exchange): Promise<UpgradeOutcome> {
  const upstream = startRequest(exchange)
  upstream.end()
  return await new Promise((resolve, reject) => {
    upstream.once('upgrade', (answer, socket, head) => resolve({ kind: 'upgraded', answer, socket, head }))
    upstream.once('response', (answer) => resolve({ kind: 'refused', answer }))
    upstream.on('error', (error) => reject(toUnreachable(error)))
    upstream.once('close', () => reject(new UnreachableError('broken')))
  })
}

/** From here on bytes pass both ways until both sides have ended, or one breaks. */
export async function joinSockets ({ client, clientHead, socket, socketHead, headers, onBytes }: {
  client: Duplex
  /** What came behind the client's request. */
  clientHead: Buffer
  socket: Duplex
  /** What came behind the app's answer. */
  socketHead: Buffer
  headers: readonly string[]
  onBytes: () => void
}): Promise<void> {
  client.write(switchingHead(headers))
  if (socketHead.length > 0) client.write(socketHead)
  if (clientHead.length > 0) socket.write(clientHead)
  const directions = [pipeline(client, socket), pipeline(socket, client)]
  client.on('data', onBytes)
  socket.on('data', onBytes)
  let hangUp: NodeJS.Timeout | undefined
  try {
    await Promise.race(directions)
    hangUp = setTimeout(() => {
      client.destroy()
      socket.destroy()
    }, HALF_OPEN_MS)
  } finally {
    await Promise.all(directions).finally(() => clearTimeout(hangUp))
  }
}

function switchingHead (headers: readonly string[]): Buffer {
  const lines = [...pairs(headers)].map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join('')}\r\n`, 'latin1')
}
