import websocket from '@fastify/websocket'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import { createLoop } from '../lib/loop.ts'
import { closeCodes } from '../protocols/close-codes.ts'
import { BERTH_V1 } from '../protocols/sockets.ts'

declare module 'fastify' {
  interface FastifyInstance {
    websockets: {
      /** A subprotocol that some route speaks: of those that a client offers, the first that is known is chosen. */
      readonly addSubprotocol: (name: string) => void
      /** Called before the sockets are closed for the server's end. */
      readonly onShutdown: (callback: () => void) => void
    }
  }
}

// A paste of a megabyte in one message, and then some.
const MAX_PAYLOAD_BYTES = 2 * 1024 * 1024
const PING_MS = 30_000
const CLOSE_MS = 2_000

/** WebSockets for all features: limits, pings, subprotocols, and their close at the server's end. */
export default fp(async (app) => {
  const subprotocols = new Set<string>([BERTH_V1])
  const shutdownListeners = new Set<() => void>()
  const silent = new WeakSet<WebSocket>()

  app.decorate('websockets', {
    addSubprotocol: (name) => void subprotocols.add(name),
    onShutdown: (callback) => void shutdownListeners.add(callback)
  })
  await app.register(websocket, {
    options: {
      maxPayload: MAX_PAYLOAD_BYTES,
      // It halves the throughput of a terminal, and costs 300 KB per socket.
      perMessageDeflate: false,
      handleProtocols: (offered: Set<string>) => [...offered].find((name) => subprotocols.has(name)) ?? false
    },
    errorHandler: (err, socket, request) => {
      request.log.info({ err }, 'socket failed')
      socket.terminate()
    },
    preClose (done) {
      for (const listener of shutdownListeners) listener()
      const { clients } = app.websocketServer
      for (const client of clients) client.close(closeCodes.tryLater, 'the server is stopping')
      // Who does not answer the close has gone, or does not read.
      const deadline = setTimeout(() => {
        for (const client of clients) client.terminate()
      }, CLOSE_MS)
      app.websocketServer.close(() => {
        clearTimeout(deadline)
        done()
      })
    }
  })

  app.websocketServer.on('connection', (client: WebSocket) => {
    client.on('pong', () => silent.delete(client))
  })

  // One loop for all: a timer for each of a thousand idle sockets would wake the process all the time.
  const pings = createLoop({
    intervalMs: PING_MS,
    onError: (err) => app.log.warn({ err }, 'sockets could not be pinged'),
    async work () {
      for (const client of app.websocketServer.clients) {
        // Where we do not read, no answer can be heard.
        if (client.isPaused) silent.delete(client)
        else if (silent.has(client)) client.terminate()
        else ping(client)
      }
    }
  })

  function ping (client: WebSocket): void {
    if (client.readyState !== client.OPEN) return
    silent.add(client)
    client.ping()
  }

  app.addHook('onListen', async () => pings.start())
  app.addHook('onClose', async () => await pings.stop())
}, { name: 'websocket' })
