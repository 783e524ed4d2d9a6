import type { IncomingMessage } from 'node:http'

const PATIENCE_MS = 5_000

/**
 * What a client still sends of a body that nobody wants any more. Cut off at once it would often never see the answer;
 * one that goes on in spite of it is cut off after a while.
 */
export function discardRest (request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const { socket } = request
  const cutOff = setTimeout(() => {
    if (!request.complete) socket.destroy()
  }, PATIENCE_MS).unref()
  request.once('end', () => clearTimeout(cutOff)).once('close', () => clearTimeout(cutOff))
  // Whoever was reading when the write failed still waits for a chunk, and leaves the stream paused behind it, unless
  // somebody else listens.
  request.on('data', () => undefined).resume()
}
