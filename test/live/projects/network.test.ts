import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bridgeOf, findNetwork } from '../../../src/sandbox/network/bridge.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { createLan, LAN_PORT, type Lan } from './lan.ts'
import { signUp, type User } from './user.ts'

const PRIVATE = { 'a private network': '10.199.78.7', 'another one': '192.168.178.7', 'a carrier\'s network': '100.64.78.7', 'the metadata address': '169.254.169.254' }
const INTERNET = ['198.51.100.77', '203.0.113.177'] as const
const ALL_PORTS = '10.199.79.7'
const ONE_PORT = '10.199.80.7'
const HOST_PORT = 4681

let lan: Lan
const servers: Server[] = []
beforeAll(async () => {
  lan = await createLan([...Object.values(PRIVATE), ...INTERNET, ALL_PORTS, ONE_PORT])
})
afterAll(async () => {
  for (const server of servers) server.close()
  await lan.remove()
})

async function listenOnHost (address: string, port: number): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('host')).listen(port, address)
  await once(server, 'listening')
  servers.push(server)
}

/** What a program in the project is answered, or how it fails. */
async function ask (user: User, project: string, address: string, port = LAN_PORT): Promise<string> {
  const { output } = await user.exec(project, ['python3', '-c', [
    'import socket', 'try:', `  with socket.create_connection(("${address}", ${port}), 5) as s: print(s.recv(99).decode(), end="")`,
    'except OSError as e: print(type(e).__name__, e.errno, end="")'
  ].join('\n')])
  return output
}

async function gatewayOf (berth: Berth): Promise<{ gateway: string, bridge: string }> {
  const network = await findNetwork(berth.app.docker, berth.app.projects.instanceId)
  if (network === undefined) throw new Error('there is no network')
  return { gateway: network.IPAM.Config?.[0]?.Gateway ?? '', bridge: bridgeOf(network) }
}

const tablesOf = (bridge: string): string[] => execFileSync('nft', ['list', 'tables', 'inet']).toString().split('\n').filter((line) => line.endsWith(bridge))

describe('a project whose egress is the internet', () => {
  let berth: Berth
  let user: User
  let id: string
  beforeAll(async () => {
    berth = await startProjectsBerth()
    user = await signUp(berth.origin)
    id = (await user.createProject()).id
    await user.start(id)
  })
  afterAll(async () => {
    await user.remove(id)
    await berth.stop()
  })

  it.each(INTERNET)('reaches %s', async (address) => {
    expect(await ask(user, id, address)).toBe('neighbour')
  })

  it('resolves names, and reaches what they stand for', async () => {
    const name = new URL(execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()).hostname
    const { output } = await user.exec(id, ['python3', '-c', 'import socket, sys; print(socket.gethostbyname(sys.argv[1]))', name])
    expect(output).toMatch(/^[\d.]+\n$/)
  })

  it.each(Object.entries(PRIVATE))('is refused at once by %s', async (_what, address) => {
    expect(await ask(user, id, address)).toMatch(/^(OSError 113|PermissionError|ConnectionRefusedError)/)
  })

  it('reaches the host by no address of it', async () => {
    const { gateway } = await gatewayOf(berth)
    const own = Object.values(networkInterfaces()).flat().filter((found) => found?.family === 'IPv4' && !found.internal).map((found) => found?.address ?? '')
    expect(own).toContain(gateway)
    await listenOnHost('0.0.0.0', HOST_PORT)
    for (const address of own) expect([address, await ask(user, id, address, HOST_PORT)]).toEqual([address, expect.stringMatching(/^(OSError 113|PermissionError|ConnectionRefusedError)/)])
  })

  it('has no IPv6 but loopback', async () => {
    expect((await user.exec(id, 'cat /proc/net/if_inet6')).output.split('\n').filter((line) => line !== '' && !line.endsWith(' lo'))).toEqual([])
  })

  it('answers on its published port over the host\'s loopback alone', async () => {
    const app = user.exec(id, ['python3', '-m', 'http.server', '3000'], { timeout: 20_000 })
    const { preview } = await user.status(id)
    expect(preview).toMatchObject({ hostPort: expect.any(Number), hostPortReason: null })
    await waitFor('the app to answer', async () => await fetch(`http://127.0.0.1:${preview.hostPort}/`).then(({ ok }) => ok, () => false))
    const { output } = await user.exec(id, ['python3', '-c', 'import socket; print(socket.gethostbyname(socket.gethostname()), end="")'])
    expect(await lan.ask(output, 3000)).toBe('')
    const { gateway } = await gatewayOf(berth)
    expect(await lan.ask(gateway, preview.hostPort ?? 0)).toBe('')
    await user.stop(id)
    await app
    await user.start(id)
  })

  it('gets its rules back when somebody has flushed them', async () => {
    const { bridge } = await gatewayOf(berth)
    const [table = ''] = tablesOf(bridge)
    execFileSync('nft', ['delete', ...table.split(' ')])
    expect(await ask(user, id, PRIVATE['the metadata address'])).toBe('neighbour')
    await berth.app.projects.reconcile()
    expect(await ask(user, id, PRIVATE['the metadata address'])).not.toBe('neighbour')
  })

  it('that is to have no network has none, and is previewed all the same', async () => {
    const project = await user.createProject({ network: 'none' })
    expect(project).toMatchObject({ network: 'none' })
    const started = await user.start(project.id)
    expect(started.preview).toMatchObject({ hostPort: null, hostPortReason: 'The project has no network' })
    expect((await user.exec(project.id, 'ls /sys/class/net')).output).toBe('lo\n')
    expect((await user.call('PATCH', `/projects/${project.id}`, { network: 'internet' })).body).toMatchObject({ network: 'internet' })
    await user.stop(project.id)
    expect((await user.start(project.id)).preview.hostPort).toEqual(expect.any(Number))
    expect(await ask(user, project.id, INTERNET[0])).toBe('neighbour')
    await user.remove(project.id)
  })

  it('takes away the rules of networks that are gone, whose server did not', async () => {
    const table = 'berth_0123456789ab_berthnowhere00'
    execFileSync('nft', ['add', 'table', 'inet', table])
    await berth.app.projects.reconcile()
    expect(tablesOf('berthnowhere00')).toEqual([])
  })

  it('says on the system page what is enforced, and where', async () => {
    expect(await (await berth.get('/api/system')).json()).toMatchObject({ network: { egress: 'internet', enforcedBy: 'nft on this host', previewPortPublished: true, problem: null } })
  })
})

describe('a project whose egress is a list', () => {
  let berth: Berth
  let user: User
  let id: string
  let bridge: string
  beforeAll(async () => {
    berth = await startProjectsBerth({ SANDBOX_EGRESS: `${ALL_PORTS}, ${ONE_PORT}:${LAN_PORT}, 10.199.77.1:${HOST_PORT + 1}` })
    user = await signUp(berth.origin)
    id = (await user.createProject()).id
    await user.start(id)
    ;({ bridge } = await gatewayOf(berth))
  })
  afterAll(async () => {
    await user.remove(id)
    await berth.stop()
    expect(tablesOf(bridge)).toEqual([])
  })

  it('reaches what is on it, and nothing else', async () => {
    for (const address of [ALL_PORTS, ONE_PORT]) expect(await ask(user, id, address)).toBe('neighbour')
    for (const address of [...INTERNET, ...Object.values(PRIVATE)]) expect(await ask(user, id, address)).not.toBe('neighbour')
  })

  it('reaches the host on the port that is named, and on no other', async () => {
    await listenOnHost('10.199.77.1', HOST_PORT + 1)
    await listenOnHost('10.199.77.1', HOST_PORT + 2)
    expect(await ask(user, id, '10.199.77.1', HOST_PORT + 1)).toBe('host')
    expect(await ask(user, id, '10.199.77.1', HOST_PORT + 2)).not.toBe('host')
  })
})

it('two instances do not disturb each other\'s rules', async () => {
  const [first, second] = await Promise.all([startProjectsBerth(), startProjectsBerth({ SANDBOX_EGRESS: `internet,${ALL_PORTS}` })])
  const users = await Promise.all([signUp(first.origin), signUp(second.origin)])
  const [strict, loose] = await Promise.all(users.map(async (user) => await user.createProject()))
  if (strict === undefined || loose === undefined) throw new Error('there are no projects')
  await users[0].start(strict.id)
  await users[1].start(loose.id)
  expect(await ask(users[1], loose.id, ALL_PORTS)).toBe('neighbour')
  const { output: address } = await users[1].exec(loose.id, ['python3', '-c', 'import socket; print(socket.gethostbyname(socket.gethostname()), end="")'])
  const app = users[1].exec(loose.id, ['python3', '-m', 'http.server', '3000'], { timeout: 20_000 })
  await waitFor('the app to listen', async () => (await users[1].status(loose.id)).ports.some(({ port }) => port === 3000))
  expect(await ask(users[0], strict.id, address, 3000)).not.toMatch(/^HTTP/)
  await users[1].remove(loose.id)
  await app.catch(() => undefined)
  await second.stop()
  expect(await ask(users[0], strict.id, ALL_PORTS)).not.toBe('neighbour')
  expect(await ask(users[0], strict.id, INTERNET[0])).toBe('neighbour')
  await users[0].remove(strict.id)
  await first.stop()
})
