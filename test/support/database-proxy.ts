import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * The embedded database, which listens on a unix socket alone, behind a loopback port: a PostgreSQL given by URL. Closed
 * it is a server that is down, paused it is a host that has vanished.
 */
export async function startDatabaseProxy (socketPath: string) {
  const sockets = new Set<Socket>()
  let isPaused = false
  const server = createServer((near) => {
    const far = connect(socketPath)
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      sockets.add(socket)
      socket.on('data', (chunk) => { if (!isPaused) other.write(chunk) })
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        // A host that has vanished does not say so.
        if (!isPaused) other.destroy()
      })
    }
  })
  let port = 0
  async function listen (): Promise<void> {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  await listen()
  return {
    port,
    listen,
    pause: () => { isPaused = true },
    resume: () => { isPaused = false },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
