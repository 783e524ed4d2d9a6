import { backoff } from '../connection/backoff.ts'
import { sleep } from '../connection/sleep.ts'
import { ApiError } from '../rest/error.ts'
import type { Rest } from '../rest/client.ts'
import { createEventParser, type ServerSentEvent } from './parser.ts'

export interface BerthEvent {
  /** `reset` comes first, and whenever events may have been missed: load anew what you show. */
  readonly type: 'reset' | 'project' | 'process' | 'build' | 'clone' | 'snapshot' | 'node' | (string & {})
  readonly data: Readonly<Record<string, unknown>>
}

export interface FollowOptions {
  readonly signal?: AbortSignal
  /** Of everybody's projects; for administrators. */
  readonly all?: boolean
  readonly onState?: (state: 'connected' | 'reconnecting') => void
  readonly random?: () => number
}

// The server says every 15 seconds that it is there.
const SILENCE_MS = 40_000

/**
 * What changes in your projects, as it happens, through as many connections as it takes: each goes on behind the last event.
 * Throws what the server refuses for good; ends with the signal.
 */
export async function * followEvents (rest: Pick<Rest, 'send'>, { signal, all = false, onState = () => undefined, random = Math.random }: FollowOptions = {}): AsyncGenerator<BerthEvent, void> {
  let lastId: string | undefined
  const isOver = (): boolean => signal?.aborted === true
  for (let failures = 0; !isOver(); failures++) {
    try {
      for await (const { type, data, id } of readOnce(rest, { lastId, all, signal, onOpen: () => onState('connected') })) {
        failures = 0
        lastId = id ?? lastId
        yield { type, data: JSON.parse(data) as BerthEvent['data'] }
      }
    } catch (error) {
      if (isOver()) return
      if (error instanceof ApiError && isFinal(error)) throw error
    }
    onState('reconnecting')
    await sleep(backoff(failures, random), signal).catch(() => undefined)
  }
}

function isFinal ({ status }: ApiError): boolean {
  return status >= 400 && status < 500 && status !== 429 && status !== 408
}

async function * readOnce (rest: Pick<Rest, 'send'>, { lastId, all, signal, onOpen }: {
  lastId: string | undefined
  all: boolean
  signal: AbortSignal | undefined
  onOpen: () => void
}): AsyncGenerator<ServerSentEvent, void> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENCE_MS)
  const stop = (): void => silence.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const response = await rest.send('GET', all ? '/api/events?all=true' : '/api/events', {
      headers: { Accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) },
      signal: silence.signal
    })
    onOpen()
    const events: ServerSentEvent[] = []
    const parse = createEventParser((event) => events.push(event))
    const decoder = new TextDecoder()
    const reader = response.body?.getReader()
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), SILENCE_MS)
      parse(decoder.decode(part.value, { stream: true }))
      yield * events.splice(0)
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    silence.abort()
  }
}
