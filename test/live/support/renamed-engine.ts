import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The real Engine behind a socket, where it can say that it is another one: its id is replaced by one as long, wherever it stands. */
export async function startRenamedEngine (engineSocket: string, engineId: string) {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-engine-'))
  const socketPath = path.join(directory, 'docker.sock')
  const other = 'X'.repeat(engineId.length)
  const sockets = new Set<Socket>()
  let isOther = false
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: engineSocket, allowHalfOpen: true })
    for (const [socket, peer] of [[near, far], [far, near]] as const) {
      sockets.add(socket)
      socket.on('error', () => peer.destroy())
      socket.on('end', () => peer.end())
      socket.on('close', () => { sockets.delete(socket); peer.destroy() })
    }
    near.on('data', (chunk) => far.write(chunk))
    far.on('data', (chunk: Buffer) => near.write(isOther ? Buffer.from(chunk.toString('latin1').replaceAll(engineId, other), 'latin1') : chunk))
  })
  server.listen(socketPath)
  await once(server, 'listening')
  const cut = (): void => { for (const socket of sockets) socket.destroy() }
  return {
    host: `unix://${socketPath}`,
    otherId: other,
    /** Whoever is connected is cut off, and finds that Engine when it comes back. */
    become: (who: 'itself' | 'another') => {
      isOther = who === 'another'
      cut()
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
      await rm(directory, { recursive: true })
    }
  }
}
