import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import ssh2, { type Client, type ClientChannel } from 'ssh2'
import { createConnections, type ConnectionsOptions } from '../../../src/projects/ssh/connection.ts'
import type { Lane } from '../../../src/projects/ssh/line.ts'
import { createSshServer } from '../../../src/projects/ssh/server.ts'
import { createSignIn, type SignInOptions } from '../../../src/projects/ssh/sign-in.ts'
import { makeSshKeyPair } from '../../support/ssh-key.ts'
import { waitFor } from '../../support/wait-for.ts'

/** What the library's client does not offer, as nobody needs it who is not hostile. */
interface Insides {
  readonly _sock: Socket
  readonly _protocol: {
    readonly rekey: () => void
    readonly channelData: (id: number, bytes: Buffer) => void
    readonly channelWindowAdjust: (id: number, bytes: number) => void
  }
}
const insidesOf = (client: Client): Insides => client as unknown as Insides
const idOf = (channel: ClientChannel): number => (channel as unknown as { outgoing: { id: number } }).outgoing.id

const pair = makeSshKeyPair()
const silent = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined } as unknown as ConnectionsOptions['log']
/** What is done on each channel. */
let work: (lane: Lane) => Promise<void>
let port: number
let server: ReturnType<typeof createSshServer>
let clients: Client[]
let failures: number
let listen: (options?: { signInMs: number }) => Promise<void>

beforeEach(async () => {
  clients = []
  failures = 0
  const hostKey = ssh2.utils.parseKey(makeSshKeyPair().private) as ssh2.ParsedKey
  const known = (ssh2.utils.parseKey(pair.public) as ssh2.ParsedKey).getPublicSSH()
  const principal = { userId: 'ada', role: 'user', via: 'ssh', sshKeyId: 'key', expiresAt: null } as const
  const auth: SignInOptions['auth'] & ConnectionsOptions['auth'] = {
    bySshKey: async (key) => key.equals(known) ? principal : undefined, noteUse: () => undefined, countUser: async () => undefined, onRevoked: () => () => undefined
  }
  const connections = createConnections({
    auth,
    roles: { watch: () => () => undefined },
    signIn: createSignIn({ auth, findProject: async () => ({ id: 'project', role: 'owner' }) as Awaited<ReturnType<SignInOptions['findProject']>>, audit: () => undefined, log: silent }),
    run: (lane) => ({ resize: () => undefined, signal: () => undefined, ended: work(lane).then(() => ({ position: 0, exitCode: 0, signal: undefined })) }),
    forward: async () => { throw new Error('nothing listens') },
    serveFiles: async () => undefined,
    log: silent
  })
  const unlimited = { count: async () => undefined, refuseExceeded: () => undefined }
  listen = async (options) => {
    server = createSshServer({ hostKey, connections: unlimited, failures: { ...unlimited, count: async () => { failures++ } }, serve: connections.serve, log: silent, ...options })
    port = await server.listen({ host: '127.0.0.1', port: 0 })
  }
  await listen()
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await server.close()
})

/** Undefined for who is not let in. */
async function connectWith (privateKey: string): Promise<Client | undefined> {
  const client = new ssh2.Client()
  clients.push(client)
  return await new Promise((resolve) => {
    client.on('error', () => undefined).once('ready', () => resolve(client)).once('close', () => resolve(undefined))
      .connect({ host: '127.0.0.1', port, username: 'project', privateKey })
  })
}

const tryToSignIn = async (privateKey = pair.private): Promise<boolean> => await connectWith(privateKey) !== undefined

async function signIn (): Promise<Client> {
  const client = await connectWith(pair.private)
  if (client === undefined) throw new Error('not let in')
  return client
}

const open = async (client: Client): Promise<ClientChannel> =>
  await new Promise((resolve, reject) => client.exec('x', (error, channel) => error === undefined ? resolve(channel) : reject(error)))

async function dial (): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** Sends without an end, and counts. */
function flood (): { readonly sent: () => number } {
  let sent = 0
  work = async ({ send }) => {
    const bytes = Buffer.alloc(64 * 1024)
    while (await send(bytes)) sent += bytes.length
  }
  return { sent: () => sent }
}

/** When it has been the same for a while. */
async function settled (read: () => number): Promise<number> {
  let [last, times] = [-1, 0]
  return await waitFor('it to stop', () => {
    const now = read()
    times = now === last ? times + 1 : 0
    last = now
    return times > 15 && now
  })
}

const MOST_BYTES = 32 * 1024 ** 2

describe('who has not signed in', () => {
  it('and sends garbage, or a packet larger than any, is cut off', async () => {
    for (const garbage of [Buffer.alloc(20_000, 0x41), Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.from('ffffffff', 'hex'), Buffer.alloc(64)]), Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(2_000))]) {
      const socket = await dial()
      socket.resume().write(garbage)
      await once(socket, 'close')
    }
    await signIn()
  })

  it('has a while for it, however it passes that', async () => {
    await server.close()
    await listen({ signInMs: 300 })
    for (const hello of ['', 'SSH-2.0-slow\r\n', 'SSH-2.0-sl']) {
      const socket = await dial()
      socket.resume().write(hello)
      await once(socket, 'close')
    }
  })

  it('may not hold many connections, and frees them when it goes', async () => {
    const sockets: Socket[] = []
    for (let n = 0; n < 32; n++) {
      const socket = await dial()
      // Somebody is listened to when they are greeted.
      await once(socket, 'data')
      sockets.push(socket)
    }
    const more = await dial()
    await once(more.resume(), 'close')
    expect(more.bytesRead).toBe(0)
    for (const socket of sockets) socket.destroy()
    await waitFor('a place', async () => await tryToSignIn())
  })

  it('and shows keys that nobody has is one who has failed, once for each connection', async () => {
    expect(await tryToSignIn(makeSshKeyPair().private)).toBe(false)
    await expect.poll(() => failures).toBe(1)
    const scanner = await dial()
    scanner.destroy()
    await signIn()
    expect(failures).toBe(1)
  })
})

describe('who has signed in', () => {
  it('and does not read, however much it says that it takes, fills no memory', async () => {
    const { sent } = flood()
    const client = await signIn()
    const channel = await open(client)
    insidesOf(client)._protocol.channelWindowAdjust(idOf(channel), 2 ** 31)
    insidesOf(client)._sock.pause()
    expect(await settled(sent)).toBeLessThan(MOST_BYTES)
    insidesOf(client)._sock.resume()
    const before = sent()
    channel.resume()
    await waitFor('it to go on', () => sent() > before + MOST_BYTES)
  })

  it('and asks for new keys that it does not take, fills no memory', async () => {
    const { sent } = flood()
    const client = await signIn()
    const channel = await open(client)
    channel.resume()
    insidesOf(client)._protocol.channelWindowAdjust(idOf(channel), 2 ** 31)
    insidesOf(client)._protocol.rekey()
    insidesOf(client)._sock.pause()
    const first = await settled(sent)
    insidesOf(client)._sock.resume()
    await waitFor('it to go on with new keys', () => sent() > first + MOST_BYTES)
  })

  it('and sends more than it may is cut off', async () => {
    work = async ({ closed }) => { await once(closed, 'abort') }
    const client = await signIn()
    const channel = await open(client)
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    for (let n = 0; n < 400; n++) insidesOf(client)._protocol.channelData(idOf(channel), Buffer.alloc(30_000))
    await closed
  })

  it('has a few channels of thousands that it asks for, and new ones when those end', async () => {
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => { end = resolve })
    work = async () => await ended
    const client = await signIn()
    const opened = await Promise.all(Array.from({ length: 2_000 }, async () => await open(client).then(() => true, () => false)))
    expect(opened.filter(Boolean)).toHaveLength(16)
    end()
    await waitFor('a channel', async () => await open(client).then(() => true, () => false))
  })

  it('has a few connections, and more when those end', async () => {
    const held = await Promise.all(Array.from({ length: 16 }, signIn))
    expect(await tryToSignIn()).toBe(false)
    held[0]?.end()
    await waitFor('a place', async () => await tryToSignIn())
  })

  it('and goes while somebody waits for it to read, is noticed', async () => {
    let isOver = false
    work = async ({ send }) => {
      while (await send(Buffer.alloc(64 * 1024)));
      isOver = true
    }
    const client = await signIn()
    await open(client)
    insidesOf(client)._sock.pause()
    insidesOf(client)._sock.destroy()
    await waitFor('the end', () => isOver)
  })
})
