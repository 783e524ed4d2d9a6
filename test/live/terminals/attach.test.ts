import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createTerminals } from './terminals.ts'

const RING = 1024 ** 2

let berth: Berth
let terminals: Awaited<ReturnType<typeof createTerminals>>
beforeAll(async () => {
  berth = await startBerth({}, { settings: { terminals: { perProject: 3, perUser: 4 } } })
  terminals = await createTerminals(berth.origin)
})
afterEach(async () => {
  for (const { id } of await terminals.list()) await terminals.end(id)
})
afterAll(async () => {
  await terminals.user.remove(terminals.projectId)
  await berth.stop()
})

/** Numbered lines, so that a byte lost or doubled shows. */
const numbers = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\r\n`).join('')

describe('a client that comes back', () => {
  it('gets exactly the bytes that it missed, and the same shell', async () => {
    const first = await terminals.open()
    const { terminal } = await first.hello()
    first.type('mark=kept; stty -echo; PS1=; for i in $(seq 1 9999); do echo $i; test $i = 500 && read -r go; done; echo done\n')
    await first.shows('\n500\r\n')
    first.type('\n')
    await first.cut()
    const since = first.position()
    await waitFor('more output', async () => (await terminals.list())[0]?.seq !== undefined && (await terminals.list())[0]!.seq >= since + 40_000)

    const second = terminals.connect({ query: { terminal, since } })
    expect(await second.hello()).toMatchObject({ terminal, seq: since })
    await second.shows('done\r\n')
    const whole = Buffer.concat([first.output(), second.output()]).toString()
    expect(whole.slice(whole.indexOf('1\r\n2\r\n'), whole.lastIndexOf('done\r\n'))).toBe(numbers(1, 9999))
    expect(second.messages.map(({ type }) => type)).toEqual(['hello'])
    second.type('echo $mark\n')
    await second.shows('kept\r\n')
    await second.close()
  })

  it('is told how much is lost when it missed more than is kept', async () => {
    const first = await terminals.open()
    const { terminal } = await first.hello()
    await first.cut()
    const since = first.position()
    const watcher = terminals.connect({ query: { terminal } })
    await watcher.hello()
    watcher.type('seq 1 200000\n')
    await watcher.shows(/\n200000\r\n.*\$ $/s)
    const end = watcher.position()

    const second = terminals.connect({ query: { terminal, since } })
    expect(await second.hello()).toMatchObject({ seq: since, replay: RING })
    expect(await second.message('lost')).toEqual({ type: 'lost', bytes: end - RING - since })
    await waitFor('the newest part', () => second.position() === end)
    expect(second.output().equals(watcher.output().subarray(-RING))).toBe(true)
    await Promise.all([watcher.close(), second.close()])
  })

  it('gets everything that is kept when it names no position, and nothing when it names the last', async () => {
    const first = await terminals.open()
    const { terminal } = await first.hello()
    const all = terminals.connect({ query: { terminal } })
    expect(await all.hello()).toMatchObject({ seq: 0, replay: first.received() })
    await waitFor('the replay', () => all.output().equals(first.output()))
    const none = terminals.connect({ query: { terminal, since: first.position() } })
    expect(await none.hello()).toMatchObject({ seq: first.position(), replay: 0 })
    const ahead = terminals.connect({ query: { terminal, since: 1_000_000 } })
    expect(await ahead.hello()).toMatchObject({ seq: first.position(), replay: 0 })
    await Promise.all([first.close(), all.close(), none.close(), ahead.close()])
  })

  it('still sees how a shell ended that ended meanwhile', async () => {
    const first = await terminals.open()
    const { terminal } = await first.hello()
    first.type('read -r go; echo last words; exit 9\n')
    await first.shows(/exit 9\r\n/)
    first.type('\n')
    await first.cut()
    await waitFor('its end', async () => (await terminals.list())[0]?.ended)
    const second = terminals.connect({ query: { terminal, since: first.position() } })
    expect((await second.closed).code).toBe(1000)
    expect(first.text() + second.text()).toContain('last words\r\n')
    expect(await second.message('exit')).toMatchObject({ code: 9 })
    await waitFor('it to be forgotten', async () => (await terminals.list()).length === 0)
    const third = terminals.connect({ query: { terminal } })
    expect((await third.closed).code).toBe(4404)
    expect(await third.message('error')).toMatchObject({ code: 'TERMINAL_NOT_FOUND' })
  })
})

describe('several clients of one terminal', () => {
  it('see the same bytes, and all may type', async () => {
    const clients = [await terminals.open()]
    const { terminal } = await clients[0]!.hello()
    for (let count = 0; count < 3; count++) clients.push(terminals.connect({ query: { terminal }, protocol: count === 0 ? 'term.raw' : 'term.v1' }))
    for (const [index, client] of clients.entries()) {
      client.type(`echo from ${index} $((6*7))\n`)
      await Promise.all(clients.map(async (each) => await each.shows(`from ${index} 42\r\n`)))
    }
    await waitFor('all of them to have the same', () => clients.every((client) => client.output().equals(clients[0]!.output())))
    expect((await terminals.list())[0]).toMatchObject({ id: terminal, sockets: 4, ended: false })
    clients[1]!.type('exit\n')
    expect((await Promise.all(clients.map(async ({ closed }) => await closed))).map(({ code }) => code)).toEqual([1000, 1000, 1000, 1000])
  })

  it('do not wait for one that does not read', async () => {
    const fast = await terminals.open()
    const { terminal } = await fast.hello()
    const slow = terminals.connect({ query: { terminal } })
    await slow.hello()
    slow.ws.pause()
    fast.clear()
    const from = fast.received()
    fast.type('head -c 20000000 /dev/zero | tr "\\0" x; echo; echo complete\n')
    // To look through all of it over and over would hold up the server, which is in this process.
    await waitFor('all of it', () => fast.received() - from > 20_000_000, 60_000)
    await fast.shows(/\ncomplete/)
    const end = fast.output().lastIndexOf('\r\ncomplete')
    expect(fast.output().subarray(end - 20_000_000, end).equals(Buffer.alloc(20_000_000, 'x'))).toBe(true)
    slow.ws.resume()
    await waitFor('the slow one to be where the fast one is', () => slow.position() === fast.position())
    const lost = slow.messages.reduce((sum, message) => sum + (message.type === 'lost' ? message.bytes : 0), 0)
    expect(lost).toBeGreaterThan(10_000_000)
    expect(slow.text()).toMatch(/x\r\ncomplete/)
    await Promise.all([fast.close(), slow.close()])
  })
})

describe('terminals', () => {
  it('are listed while they are there', async () => {
    const client = await terminals.open({ query: { cols: 90, rows: 30 } })
    const { terminal } = await client.hello()
    expect(await terminals.list()).toEqual([{ id: terminal, cols: 90, rows: 30, seq: client.received(), sockets: 1, ended: false, createdAt: expect.any(String) }])
    await client.close()
    await waitFor('it to be detached', async () => (await terminals.list())[0]?.sockets === 0)
    expect((await terminals.end(terminal)).status).toBe(204)
    expect(await terminals.list()).toEqual([])
    expect((await terminals.end(terminal)).body).toMatchObject({ code: 'TERMINAL_NOT_FOUND' })
  })

  it('are limited in number, for a project and for a user', async () => {
    const open = [await terminals.open(), await terminals.open(), await terminals.open()]
    const tooMany = terminals.connect()
    expect((await tooMany.closed).code).toBe(1013)
    expect(await tooMany.message('error')).toEqual({ type: 'error', code: 'TERMINAL_QUOTA', message: expect.stringContaining('3 terminals') })

    const second = await terminals.user.createProject()
    const elsewhere = `${berth.origin}/terminal/${second.id}`
    const fourth = openTerminal(elsewhere, { headers: { 'X-API-Key': terminals.user.key } })
    await fourth.hello()
    const fifth = openTerminal(elsewhere, { headers: { 'X-API-Key': terminals.user.key } })
    expect((await fifth.closed).code).toBe(1013)

    open[0]!.type('exit\n')
    await open[0]!.closed
    const instead = await terminals.open()
    await Promise.all([instead, fourth, open[1]!, open[2]!].map(async (client) => await client.close()))
    await terminals.user.remove(second.id)
  })
})
