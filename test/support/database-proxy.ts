import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * The embedded database, which listens on a unix socket alone, behind a loopback port: a PostgreSQL given by URL. Closed
 * it is a server that is down, paused it is a host that has vanished.
 */
export async function startDatabaseProxy (socketPath: string) {
  const sockets = new Set<Socket>()
  let isPaused = false
  let swallowedBytes = 0
  let fatalText: string | undefined
  const server = createServer((near) => {
    const far = connect(socketPath)
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      sockets.add(socket)
      socket.on('data', (chunk) => {
        if (fatalText !== undefined && socket === near && chunk.includes(fatalText)) socket.destroy()
        else if (isPaused) swallowedBytes += chunk.length
        else other.write(chunk)
      })
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
    /** While it was paused. */
    swallowedBytes: () => swallowedBytes,
    /** From now on whoever sends that loses the connection before it has arrived; nobody again without a text. */
    cutAt: (text: string | undefined) => { fatalText = text },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
