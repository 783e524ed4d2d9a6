import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The real Engine behind a socket that can be cut, for what an Engine's restart looks like from outside. */
export async function startEngineProxy (engineSocket: string) {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-proxy-'))
  const socketPath = path.join(directory, 'docker.sock')
  const sockets = new Set<Socket>()
  let server: Server | undefined

  function forward (client: Socket): void {
    const engine = connect({ path: engineSocket, allowHalfOpen: true })
    for (const [from, to] of [[client, engine], [engine, client]] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => { sockets.delete(from); to.destroy() })
      from.pipe(to)
    }
  }

  async function open (): Promise<void> {
    server = createServer({ allowHalfOpen: true }, forward).listen(socketPath)
    await once(server, 'listening')
  }

  async function cut (): Promise<void> {
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
    server = undefined
  }

  await open()
  return {
    host: `unix://${socketPath}`,
    open,
    cut,
    close: async () => {
      await cut()
      await rm(directory, { recursive: true })
    }
  }
}
