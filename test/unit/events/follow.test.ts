import { describe, expect, it } from 'vitest'
import { followEvents } from '../../../src/events/follow.ts'
import { createReceiver } from '../../../src/events/receiver.ts'
import { createEventRing, type EventRing, type KeptEvent } from '../../../src/events/ring.ts'

const event = (n: number, audience = ['me']): KeptEvent => ({ type: 'project', data: { n }, audience: new Set(audience), isOfProject: true })
const maySee = ({ audience }: KeptEvent): boolean => audience.has('me')

function createRing (capacity = 10): EventRing {
  return createEventRing({ serverId: 'one', capacity })
}

function follow (ring: EventRing, lastId?: string, heartbeatMs?: number) {
  const leaving = new AbortController()
  const events = followEvents(ring, { lastId, maySee, signal: leaving.signal, ...(heartbeatMs === undefined ? {} : { heartbeatMs }) })
  return { leave: () => leaving.abort(), next: async () => (await events.next()).value }
}

/** As far as it goes without anything new. */
async function begin (ring: EventRing, lastId?: string) {
  const client = follow(ring, lastId)
  expect(await client.next()).toBe('retry: 2000\n\n')
  return client
}

describe('who follows events', () => {
  it('loads everything at first, and then gets what they may see', async () => {
    const ring = createRing()
    ring.add(event(0))
    const client = await begin(ring)
    expect(await client.next()).toBe('event: reset\nid: one:1\ndata: {}\n\n')
    const next = client.next()
    ring.add(event(1, ['somebody else']))
    ring.add(event(2))
    expect(await next).toBe('event: project\nid: one:3\ndata: {"n":2}\n\n')
    client.leave()
    expect(await client.next()).toBeUndefined()
  })

  it('goes on behind the last that they have seen', async () => {
    const ring = createRing()
    for (let n = 0; n < 3; n++) ring.add(event(n))
    const client = await begin(ring, 'one:1')
    expect([await client.next(), await client.next()]).toEqual(['event: project\nid: one:2\ndata: {"n":1}\n\n', 'event: project\nid: one:3\ndata: {"n":2}\n\n'])
  })

  it.each(['one:0', 'one:9', 'two:2', 'one', '', 'one:-1', 'one:1e3', 'one:99999999999999999999', ':', 'x'.repeat(100)])('loads everything where %j is not to be gone on from', async (id) => {
    const ring = createRing(2)
    for (let n = 0; n < 3; n++) ring.add(event(n))
    expect(await (await begin(ring, id)).next()).toBe('event: reset\nid: one:3\ndata: {}\n\n')
  })

  it('loads everything where something may have been missed, now and when they come again', async () => {
    const ring = createRing()
    ring.add(event(0))
    const client = await begin(ring, 'one:1')
    const next = client.next()
    ring.interrupt()
    expect(await next).toBe('event: reset\nid: one:2\ndata: {}\n\n')
    expect(await (await begin(ring, 'one:1')).next()).toContain('event: reset')
    ring.add(event(1))
    expect(await client.next()).toBe('event: project\nid: one:3\ndata: {"n":1}\n\n')
    expect(await (await begin(ring, 'one:2')).next()).toContain('"n":1')
  })

  it('is sent away when they read too slowly', async () => {
    const ring = createRing(2)
    const client = await begin(ring)
    await client.next()
    for (let n = 0; n < 3; n++) ring.add(event(n))
    expect(await client.next()).toBeUndefined()
  })

  it('hears from time to time that nothing has happened', async () => {
    const ring = createRing()
    const client = follow(ring, undefined, 1)
    await client.next()
    await client.next()
    expect([await client.next(), await client.next()]).toEqual([': still here\n\n', ': still here\n\n'])
  })
})

describe('what is received', () => {
  it('is kept in order, however long it takes to find who may see it', async () => {
    const ring = createRing()
    const waiting: Array<() => void> = []
    const errors: unknown[] = []
    const receiver = createReceiver({
      ring,
      onError: (error) => errors.push(error),
      findAudience: async ({ project }) => {
        if (project?.id === 'slow') await new Promise<void>((resolve) => waiting.push(resolve))
        return new Set(['me'])
      }
    })
    const client = await begin(ring)
    await client.next()
    receiver.receive(JSON.stringify({ type: 'project', project: { id: 'slow', owner: 'me' }, data: { n: 1 } }))
    receiver.receive(JSON.stringify({ type: 'build', data: { n: 2 } }))
    const first = client.next()
    await Promise.resolve()
    waiting[0]?.()
    expect([await first, await client.next()]).toEqual([expect.stringContaining('"n":1'), expect.stringContaining('event: build')])
    receiver.receive('no JSON')
    expect(await client.next()).toContain('event: reset')
    expect(errors).toHaveLength(1)
  })
})
