import { Duplex } from 'node:stream'
import { createDeferred } from '../../lib/deferred.ts'
import { AgentProtocolError, FrameType, decodeDialEvent, decodeDialResult, encodeDial } from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'

/**
 * A connection to a port inside the sandbox, on its loopback address: what is behind it need not be reachable from
 * outside. The channel's credits hold back whichever side is too fast. Rejects with AgentOperationError (`REFUSED` when
 * nothing listens), AgentLostError or the signal's reason; the signal counts only until the connection stands.
 */
export async function dialPort (agent: AgentConnection, port: number, signal: AbortSignal): Promise<Duplex> {
  signal.throwIfAborted()
  const connected = createDeferred<void>()
  let waitingForReader: Array<() => void> = []
  let isOver = false

  const channel = agent.open(encodeDial({ port }), {
    onEvent: (payload) => {
      decodeDialEvent(payload)
      connected.resolve()
    },
    onData: (stream, bytes) => {
      if (stream !== 0) throw new AgentProtocolError(`the agent sent bytes of a connection on stream ${stream}`)
      if (socket.push(bytes)) return undefined
      return new Promise((resolve) => waitingForReader.push(resolve))
    },
    onEnd: () => socket.push(null)
  })

  const socket = new Duplex({
    read () {
      const waiting = waitingForReader
      waitingForReader = []
      for (const resume of waiting) resume()
    },
    write (chunk: Buffer, _encoding, callback) {
      channel.send(chunk, callback)
    },
    final (callback) {
      channel.end()
      callback()
    },
    destroy (error, callback) {
      if (!isOver) channel.control(FrameType.CANCEL)
      callback(error)
    }
  })
  // Its error is also in `socket.errored`, where `close` finds it; one that is not awaited must not end the process.
  socket.on('error', () => undefined)

  channel.result.then(decodeDialResult).then(() => {
    isOver = true
  }, (error: Error) => {
    isOver = true
    connected.reject(error)
    socket.destroy(error)
  })

  const onAbort = (): void => connected.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await connected.promise
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
