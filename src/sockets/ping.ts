import type { WebSocket } from 'ws'
import { PONG } from '../protocols/sockets.ts'

const LONGEST_BYTES = 64
// However a client writes its JSON.
const PING = /^\s*\{\s*"type"\s*:\s*"ping"\s*\}\s*$/
const MAX_BUFFERED_BYTES = 256 * 1024
/** Less than a client waits for an answer. */
const SIGN_OF_LIFE_MS = 3_000

export function isPing (frame: Buffer): boolean {
  return frame.length <= LONGEST_BYTES && PING.test(frame.toString())
}

/** Whoever has much to read already needs no other sign that we live. */
export function sendPong (ws: WebSocket): void {
  if (ws.readyState === ws.OPEN && ws.bufferedAmount < MAX_BUFFERED_BYTES) ws.send(PONG)
}

/** Tells a client whose pings are not read, because nothing of it is, that we live all the same. */
export function createSignsOfLife (ws: WebSocket) {
  let timer: NodeJS.Timeout | undefined

  function stop (): void {
    clearTimeout(timer)
    timer = undefined
  }

  function next (): void {
    timer = setTimeout(() => {
      sendPong(ws)
      next()
    }, SIGN_OF_LIFE_MS)
  }

  return {
    start (): void {
      if (timer === undefined) next()
    },
    stop
  }
}
