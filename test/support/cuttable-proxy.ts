import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type ListenOptions, type NetConnectOpts, type Server, type Socket } from 'node:net'

/** A server behind a socket that can be cut, or go silent, for what a restart or a broken network looks like from outside. */
export function createCuttableProxy (target: NetConnectOpts, listenOn: ListenOptions) {
  const sockets = new Set<Socket>()
  const swallowed = new WeakSet<Socket>()
  let isSwallowing = false
  let server: Server | undefined
  let port: number | undefined

  /** What it sends arrives nowhere, and that it closes is heard by nobody. */
  function discard (from: Socket): void {
    swallowed.add(from)
    from.unpipe()
    from.resume()
  }

  function forward (client: Socket): void {
    const upstream = connect({ ...target, allowHalfOpen: true })
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        if (!swallowed.has(from)) to.destroy()
      })
      if (isSwallowing) discard(from)
      else from.pipe(to)
    }
  }

  async function open (): Promise<void> {
    server = createServer({ allowHalfOpen: true }, forward).listen({ ...listenOn, ...(port === undefined ? {} : { port }) })
    await once(server, 'listening')
    const address = server.address()
    if (typeof address !== 'string') port = (address as AddressInfo).port
  }

  async function cut (): Promise<void> {
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
    server = undefined
  }

  return {
    /** Listens, the second time where it did before. */
    open,
    /** Ends all connections, and takes no new ones. */
    cut,
    /** Nothing arrives any more, and nobody is told: what a hanging proxy does, or a NAT that has forgotten. */
    swallow (): void {
      isSwallowing = true
      for (const socket of sockets) discard(socket)
    },
    /** New connections are served again; the old ones stay silent. */
    restore (): void {
      isSwallowing = false
    },
    port: (): number => port ?? 0
  }
}
