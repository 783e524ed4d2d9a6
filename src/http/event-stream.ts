import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'

// Proxies between us and the client close what has been silent for a minute or less.
export const HEARTBEAT_MS = 15_000
export const HEARTBEAT = ': still here\n\n'
const BUFFERED_BYTES = 64 * 1024

export interface ServerSentEvent {
  readonly event: string
  /** What a client that comes again says it has seen last. */
  readonly id?: string | undefined
  readonly data: object
}

export function encodeEvent ({ event, id, data }: ServerSentEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Whether it takes longer than that. What it rejects with is for whoever awaits it itself. */
export async function isSilent (next: Promise<unknown>, ms: number): Promise<boolean> {
  const heard = new AbortController()
  try {
    return await Promise.race([
      next.then(() => false),
      sleep(ms, true, { signal: heard.signal, ref: false }).catch(() => false)
    ])
  } finally {
    heard.abort()
  }
}

/** No more is asked of the events than the client takes. Calls back when the stream is at its end, whoever ended it. */
export async function sendEventStream (reply: FastifyReply, events: AsyncIterable<string>, onEnd: () => void = () => undefined): Promise<FastifyReply> {
  const stream = Readable.from(events, { objectMode: false, highWaterMark: BUFFERED_BYTES }).once('close', onEnd)
  return await reply
    .type('text/event-stream; charset=utf-8')
    .headers({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
    .send(stream)
}

export function wantsEvents ({ headers: { accept = '' } }: FastifyRequest): boolean {
  return accept.split(',').some((type) => type.split(';')[0]?.trim() === 'text/event-stream')
}
