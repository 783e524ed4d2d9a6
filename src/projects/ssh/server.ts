import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import ssh2, { type Connection, type ParsedKey, type ServerConfig } from 'ssh2'
import { clientNetwork } from '../../lib/client-network.ts'
import { createLine, type Line } from './line.ts'
import { createSlots } from './slots.ts'

export interface Strangers {
  /** Counts a connection, or a sign-in that failed. Rejects where it is one too many. */
  readonly count: (address: string) => Promise<void>
  /** Throws for whoever has just been told so. */
  readonly refuseExceeded: (address: string) => void
}

export interface SshServerOptions {
  readonly hostKey: ParsedKey
  readonly connections: Strangers
  readonly failures: Strangers
  /** Of somebody who has said hello and nothing else. `onSignedIn` is to be called when they have shown who they are. */
  readonly serve: (client: Connection, socket: Socket, line: Line, onSignedIn: () => void) => Promise<void>
  readonly log: Pick<FastifyBaseLogger, 'info' | 'debug'>
  /** How long they have for it. */
  readonly signInMs?: number
}

const SIGN_IN_MS = 30_000
/** Some keys and signatures are a hundredth of it. */
const SIGN_IN_BYTES = 256 * 1024
const STRANGERS = { most: 256, perOwner: 32 }
const KEEP_ALIVE = { keepaliveInterval: 30_000, keepaliveCountMax: 6 }
/** What is left of a connection that has failed. */
const CLOSE_MS = 1_000

// What today's clients have, without compression, which a client could use to fill our memory. Node's own ciphers come first.
const algorithms: NonNullable<ServerConfig['algorithms']> = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'diffie-hellman-group14-sha256'],
  serverHostKey: ['ssh-ed25519'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none']
}

/** Takes connections, and bounds what those can do that nobody knows. */
export function createSshServer ({ hostKey, connections, failures, serve, log, signInMs = SIGN_IN_MS }: SshServerOptions) {
  const strangers = createSlots(STRANGERS)
  const sockets = new Set<Socket>()

  async function admit (socket: Socket): Promise<void> {
    const address = socket.remoteAddress ?? ''
    failures.refuseExceeded(address)
    await connections.count(address)
    const release = strangers.acquire(clientNetwork(address))
    if (release === undefined) throw new Error('too many are not signed in')
    let isSignedIn = false
    let hasTried = false
    const deadline = setTimeout(() => socket.destroy(), signInMs)
    const settle = (): void => {
      clearTimeout(deadline)
      release()
    }
    socket.once('close', () => {
      settle()
      if (hasTried && !isSignedIn) failures.count(address).catch(() => undefined)
    })
    // One for each, so that it is known which socket a client has.
    new ssh2.Server({ hostKeys: [{ key: hostKey }], ident: 'Berth', algorithms, ...KEEP_ALIVE }, (client) => {
      client.on('error', (err) => {
        log.debug({ err }, 'SSH connection failed')
        setTimeout(() => socket.destroy(), CLOSE_MS).unref()
      })
      // Half closed it is of no use, and the library cannot send any more.
      client.on('end', () => socket.destroy())
      socket.on('data', () => { if (!isSignedIn && socket.bytesRead > SIGN_IN_BYTES) socket.destroy() })
      client.on('authentication', ({ method }) => { hasTried ||= method === 'publickey' })
      serve(client, socket, createLine(client, socket), () => {
        isSignedIn = true
        settle()
      }).catch((err: unknown) => {
        log.info({ err }, 'SSH connection ended')
        socket.destroy()
      })
    }).injectSocket(socket)
  }

  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    admit(socket).catch(() => socket.destroy())
  })

  return {
    /** Resolves with the port. */
    async listen ({ host, port }: { host: string, port: number }): Promise<number> {
      server.listen({ host, port })
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async close (): Promise<void> {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
