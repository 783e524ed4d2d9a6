import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { followEvents, type BerthEvent } from '../../../src/client/events/follow.ts'
import { createEventParser, type ServerSentEvent } from '../../../src/client/events/parser.ts'
import { ApiError } from '../../../src/client/rest/error.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

interface Stream {
  readonly say: (text: string) => void
  readonly end: () => void
  readonly lastId: string | null
}

/** A server that answers with one stream after the other, or refuses. */
function createServer (...refusals: ApiError[]) {
  const streams: Stream[] = []
  const send = async (_method: string, _path: string, init: RequestInit = {}): Promise<Response> => {
    const refusal = refusals.shift()
    if (refusal !== undefined) throw refusal
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      start (controller) {
        streams.push({
          say: (text) => controller.enqueue(encoder.encode(text)),
          end: () => controller.close(),
          lastId: new Headers(init.headers).get('last-event-id')
        })
        init.signal?.addEventListener('abort', () => controller.error(new Error('aborted')))
      }
    })
    return new Response(body)
  }
  return { rest: { send }, streams }
}

async function follow (server: ReturnType<typeof createServer>, signal?: AbortSignal) {
  const events: BerthEvent[] = []
  const states: string[] = []
  const done = (async () => {
    for await (const event of followEvents(server.rest, { ...(signal === undefined ? {} : { signal }), onState: (state) => states.push(state), random: () => 0 })) events.push(event)
  })()
  done.catch(() => undefined)
  await vi.advanceTimersByTimeAsync(0)
  return { events, states, done }
}

describe('events', () => {
  it('come one by one, and go on behind the last after a lost connection', async () => {
    const server = createServer()
    const { events, states } = await follow(server)
    server.streams[0]?.say('retry: 2000\n\nevent: reset\nid: a-1\ndata: {}\n\n: still here\n\nevent: project\nid: a-2\ndata: {"action":')
    server.streams[0]?.say('"created"}\n\n')
    server.streams[0]?.end()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(events).toEqual([{ type: 'reset', data: {} }, { type: 'project', data: { action: 'created' } }])
    expect(server.streams.map(({ lastId }) => lastId)).toEqual([null, 'a-2'])
    expect(states).toEqual(['connected', 'reconnecting', 'connected'])
  })

  it('come through another connection when one has died unclosed', async () => {
    const server = createServer()
    await follow(server)
    server.streams[0]?.say(': still here\n\n')
    await vi.advanceTimersByTimeAsync(39_000)
    expect(server.streams).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.streams).toHaveLength(2)
  })

  it.each([[0, 'UNREACHABLE'], [429, 'STREAM_QUOTA'], [503, 'SHUTTING_DOWN']])('are asked for again after status %i', async (status, code) => {
    const server = createServer(new ApiError({ status, code, message: '' }))
    await follow(server)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(server.streams).toHaveLength(1)
  })

  it.each([401, 403])('are not asked for again after status %i', async (status) => {
    const server = createServer(new ApiError({ status, code: 'NO', message: 'no' }))
    const { done } = await follow(server)
    await expect(done).rejects.toMatchObject({ status })
  })

  it('end with their signal, and leave no timer', async () => {
    const server = createServer()
    const controller = new AbortController()
    const { done } = await follow(server, controller.signal)
    controller.abort()
    await done
    expect([server.streams.length, vi.getTimerCount()]).toEqual([1, 0])
  })
})

describe('a stream of server-sent events', () => {
  const text = 'event: a\ndata: 1\n\ndata: two\ndata: lines\nid: 7\n\n: comment\nevent: no data\n\nevent:b\r\ndata:x\r\n\r\n'
  const parsed: ServerSentEvent[] = [{ type: 'a', data: '1', id: undefined }, { type: 'message', data: 'two\nlines', id: '7' }, { type: 'b', data: 'x', id: '7' }]

  it.each([1, 2, 3, 7, 1000])('is the same in pieces of %i', (size) => {
    const events: ServerSentEvent[] = []
    const parse = createEventParser((event) => events.push(event))
    for (let start = 0; start < text.length; start += size) parse(text.slice(start, start + size))
    expect(events).toEqual(parsed)
  })
})
