import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { percentiles } from '../../../src/lib/percentiles.ts'
import { patience } from '../../support/patience.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createTerminals } from './terminals.ts'

let berth: Berth
let terminals: Awaited<ReturnType<typeof createTerminals>>
beforeAll(async () => {
  berth = await startBerth({ PROJECT_CPUS: '2' })
  terminals = await createTerminals(berth.origin)
})
afterEach(async () => {
  for (const { id } of await terminals.list()) await terminals.end(id)
})
afterAll(async () => {
  await terminals.user.remove(terminals.projectId)
  await berth.stop()
})

const MB = 1e6

/** The position at which a shell stands still, because whoever reads it does not. */
async function standstill (terminal: string): Promise<number> {
  const seqs: number[] = []
  return await waitFor('it to stand still', async () => {
    const seq = (await terminals.list()).find(({ id }) => id === terminal)?.seq ?? 0
    seqs.push(seq)
    return seqs.length > 10 && seqs.at(-10) === seq && seq
  })
}

describe('a shell that prints without end', () => {
  it('is held up by a client that does not read, and goes on without a byte lost when it reads again', async () => {
    const client = await terminals.open()
    const { terminal } = await client.hello()
    client.clear()
    client.type('yes\n')
    await waitFor('it to have acknowledged, as its window is known by that', () => client.received() > 64 * 1024)
    client.ws.pause()
    const from = client.received()
    const stoodAt = await standstill(terminal)
    // What may be on the way to it, and what the sockets' buffers hold.
    expect(stoodAt - from).toBeLessThan(8 * MB)
    expect(await standstill(terminal)).toBe(stoodAt)
    client.ws.resume()
    await waitFor('it to go on', () => client.position() > stoodAt)
    client.type('\u0003')
    await client.shows(/\^C.*\$ $/s)
    expect(client.messages.filter(({ type }) => type === 'lost')).toEqual([])
    await client.close()
  })

  it('is held up by a slow one only as long as no other one reads', async () => {
    const stuck = await terminals.open()
    const { terminal } = await stuck.hello()
    stuck.type('yes\n')
    await waitFor('it to have acknowledged, as its window is known by that', () => stuck.received() > 64 * 1024)
    stuck.ws.pause()
    const stoodAt = await standstill(terminal)
    const reader = terminals.connect({ query: { terminal, since: stoodAt } })
    await reader.hello()
    await waitFor('it to go on', () => reader.position() > stoodAt + 10 * MB)
    await Promise.all([reader.close(), stuck.cut()])
  })

  it('gives the prompt back at once on Ctrl-C', async () => {
    const client = await terminals.open()
    for (let round = 0; round < 5; round++) {
      client.type('yes\n')
      const target = client.received() + 3 * MB
      await waitFor('it to be in full swing', () => client.received() > target)
      client.clear()
      const start = performance.now()
      client.type('\u0003')
      await client.shows(/\^C.*\$ $/s)
      expect(performance.now() - start).toBeLessThan(200 * patience)
    }
    await client.close()
  })

  it('gives the prompt back to a client that reads again after it had stopped', async () => {
    const client = await terminals.open()
    client.type('yes\n')
    await client.shows(/y\r\ny/)
    await waitFor('it to have acknowledged, as its window is known by that', () => client.received() > 64 * 1024)
    client.ws.pause()
    const { terminal } = await client.hello()
    await standstill(terminal)
    client.clear()
    client.type('\u0003')
    client.ws.resume()
    const start = performance.now()
    await client.shows(/\^C.*\$ $/s)
    expect(performance.now() - start).toBeLessThan(500 * patience)
    expect(client.position()).toBe((await terminals.list())[0]?.seq)
    await client.close()
  })

  it('is not noticed in other terminals', async () => {
    const [noisy, stuck, calm] = [await terminals.open(), await terminals.open(), await terminals.open()]
    noisy.type('yes\n')
    stuck.type('yes\n')
    await stuck.shows(/y\r\ny/)
    stuck.ws.pause()
    calm.type('stty raw -echo; echo ready; cat\n')
    await calm.shows('ready')
    const echoes: number[] = []
    for (let round = 0; round < 100; round++) {
      const start = performance.now()
      const target = calm.received() + 1
      const echoed = new Promise<void>((resolve) => {
        const onMessage = () => {
          if (calm.received() < target) return
          calm.ws.off('message', onMessage)
          resolve()
        }
        calm.ws.on('message', onMessage)
      })
      calm.type('x')
      await echoed
      echoes.push(performance.now() - start)
    }
    expect(percentiles(echoes).p50).toBeLessThan(50 * patience)
    await Promise.all([noisy.cut(), stuck.cut(), calm.close()])
  })

  it('runs on while nobody is attached', async () => {
    const client = await terminals.open()
    client.type('yes | head -c 20000000 > /dev/tty; echo done > finished\n')
    await client.shows(/y\r\ny/)
    await client.cut()
    await waitFor('the command to be through', async () => (await terminals.user.exec(terminals.projectId, 'cat finished')).output === 'done\n')
  })
})

describe('a client that never acknowledges anything', () => {
  it('gets everything all the same, if it takes it', async () => {
    const client = await terminals.open({ acknowledges: false })
    client.clear()
    client.type('head -c 5000000 /dev/zero | tr "\\0" x; echo; echo complete\n')
    await client.shows(/\ncomplete/)
    expect(client.messages.map(({ type }) => type)).toEqual(['hello'])
    const end = client.output().lastIndexOf('\r\ncomplete')
    expect(client.output().subarray(end - 5_000_000, end).equals(Buffer.alloc(5_000_000, 'x'))).toBe(true)
    await client.close()
  })
})

describe('the last output of a shell', () => {
  it('is complete, however slowly it is read', async () => {
    const client = await terminals.open({ acknowledges: false })
    client.say({ type: 'ack', bytes: 0 })
    client.clear()
    client.type('head -c 1200000 /dev/zero | tr "\\0" x; exit 7\n')
    // A quarter of a megabyte is on its way; the rest waits in the ring, and in the shell.
    await waitFor('the window to be full', () => client.received() > 200_000)
    let acknowledged = 0
    await waitFor('the end', () => {
      client.say({ type: 'ack', bytes: Math.min(8_000, client.received() - acknowledged) })
      acknowledged = Math.min(acknowledged + 8_000, client.received())
      return client.messages.some(({ type }) => type === 'exit')
    })
    expect(await client.message('exit')).toEqual({ type: 'exit', code: 7 })
    expect(client.messages.filter(({ type }) => type === 'lost')).toEqual([])
    const start = client.output().indexOf(Buffer.alloc(1000, 'x'))
    expect(client.output().subarray(start, start + 1_200_000).equals(Buffer.alloc(1_200_000, 'x'))).toBe(true)
  })
})
