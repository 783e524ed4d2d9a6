import { HEARTBEAT, HEARTBEAT_MS, encodeEvent, isSilent } from '../http/event-stream.ts'
import type { EventRing, KeptEvent } from './ring.ts'

const RETRY_MS = 2_000

/**
 * What a client is sent. It begins with the events behind the last that it has seen, or with `reset`, upon which it loads
 * everything anew. Ends with the signal, and for a client that is so slow that events which it has not read are gone.
 */
export async function * followEvents (ring: EventRing, { lastId, maySee, signal, heartbeatMs = HEARTBEAT_MS }: {
  lastId: string | undefined
  maySee: (event: KeptEvent) => boolean
  signal: AbortSignal
  heartbeatMs?: number
}): AsyncGenerator<string, void> {
  // Also that there is something to send at once: without it a client does not learn that it is connected.
  yield `retry: ${RETRY_MS}\n\n`
  let position = lastId === undefined ? undefined : ring.positionOf(lastId)
  while (!signal.aborted) {
    if (position === undefined) {
      position = ring.end()
      yield encodeEvent({ event: 'reset', id: ring.idOf(position), data: {} })
      continue
    }
    const event = ring.at(position)
    if (event === 'missed') return
    if (event === 'gap') {
      position = undefined
    } else if (event === undefined) {
      yield * waitForChange(ring, heartbeatMs, signal)
    } else {
      position++
      if (maySee(event)) yield encodeEvent({ event: event.type, id: ring.idOf(position), data: event.data })
    }
  }
}

async function * waitForChange (ring: EventRing, heartbeatMs: number, signal: AbortSignal): AsyncGenerator<string, void> {
  const next = ring.changed(signal)
  while (await isSilent(next, heartbeatMs)) yield HEARTBEAT
}
