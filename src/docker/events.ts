import { setTimeout as sleep } from 'node:timers/promises'
import { DockerError, errorFromCause, isDockerError } from './errors.ts'
import { parseLine, readLines } from './json-lines.ts'
import type { CallOptions, Filters } from './options.ts'
import type { Headers } from './exchange.ts'
import type { Transport } from './transport.ts'
import type { EngineEvent } from './types/system.ts'

export type EventItem =
  /** Events flow from here on. Events between two connections may be lost, so reconcile on each of them. */
  | { kind: 'connected', isReconnect: boolean }
  | { kind: 'disconnected', error: DockerError }
  | { kind: 'event', event: EngineEvent }

export interface EventsOptions {
  filters?: Filters
  /** From then on, in seconds by the Engine's clock; default from now on. */
  since?: number
  /** Times are the Engine's own, so that a skewed clock loses nothing. */
  overlapSeconds?: number
  backoff?: { firstMs: number, mostMs: number }
}

// The Engine replays at most its last 256 events.
const rememberedEvents = 512

/**
 * The Engine's events for as long as the iteration goes on: reconnects with a backoff, asks for what it missed, drops what
 * it saw twice. Ends when the signal aborts; throws only what no reconnecting mends (a refused filter).
 */
export function createEvents (transport: Transport) {
  return async function * events (
    { filters, since: begin, overlapSeconds = 2, backoff = { firstMs: 100, mostMs: 10_000 } }: EventsOptions = {},
    options: CallOptions = {}
  ): AsyncGenerator<EventItem, void, undefined> {
    const { signal } = options
    const seen = createSeenLines()
    let since = begin
    let isReconnect = false
    let delayMs = backoff.firstMs

    while (!signal?.aborted) {
      try {
        const query = { filters, since: since === undefined ? undefined : (isReconnect ? since - overlapSeconds : since).toFixed(3) }
        const { headers, body } = await transport.stream('events', { query }, options)
        try {
          yield { kind: 'connected', isReconnect }
          isReconnect = true
          since ??= engineSeconds(headers)
          delayMs = backoff.firstMs
          for await (const line of readLines(body, 'events')) {
            if (!seen.add(line)) continue
            const event = parseLine<EngineEvent>(line, 'events')
            since = event.time
            yield { kind: 'event', event }
          }
        } finally {
          body.destroy()
        }
        yield { kind: 'disconnected', error: new DockerError({ code: 'unavailable', operation: 'events', message: 'the Engine ended the stream' }) }
      } catch (cause) {
        if (signal?.aborted) return
        const error = errorFromCause('events', cause)
        if (isDockerError(error, 'bad_request', 'forbidden', 'unsupported_version')) throw error
        yield { kind: 'disconnected', error }
      }
      await sleep(delayMs, undefined, { ...(signal && { signal }) }).catch(() => {})
      delayMs = Math.min(delayMs * 2, backoff.mostMs)
    }
  }
}

/** The Engine's clock at the time of its answer, for a connection that breaks before its first event. */
function engineSeconds (headers: Headers): number {
  const date = Date.parse(String(headers['date']))
  return (Number.isNaN(date) ? Date.now() : date) / 1000
}

/** Whole lines, since `timeNano` does not survive JSON.parse and two events of one moment may differ in little. */
function createSeenLines () {
  const lines = new Set<string>()
  return {
    add (line: string): boolean {
      if (lines.has(line)) return false
      lines.add(line)
      if (lines.size > rememberedEvents) lines.delete(lines.values().next().value!)
      return true
    }
  }
}
