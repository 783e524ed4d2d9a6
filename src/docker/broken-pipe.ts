import type { Socket } from 'node:net'

type WriteCallback = (error?: Error | null) => void

/**
 * Keeps a failed write from destroying the socket. When a process exits while its input is being sent, the Engine
 * stops reading; Node would then drop the socket together with the output that waits in it unread.
 * Returns whether a write has failed so.
 */
export function surviveBrokenPipe (socket: Socket): () => boolean {
  let isBroken = false
  const tolerate = (callback: WriteCallback): WriteCallback => (error) => {
    const isPeerGone = error != null && ['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '')
    isBroken ||= isPeerGone
    callback(isPeerGone ? null : error)
  }

  const write = socket._write.bind(socket)
  socket._write = (chunk, encoding, callback) => write(chunk, encoding, tolerate(callback))
  const writev = socket._writev?.bind(socket)
  if (writev !== undefined) socket._writev = (chunks, callback) => writev(chunks, tolerate(callback))
  return () => isBroken
}
