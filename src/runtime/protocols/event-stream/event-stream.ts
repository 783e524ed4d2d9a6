import { HEARTBEAT, HEARTBEAT_MS, encodeEvent, isSilent } from '../../../http/event-stream.ts'
import { presentMessage, type ServerMessage } from '../../runs/present.ts'
import type { SessionMessage } from '../../runs/messages.ts'

/** A session as server-sent events: one for each message, with the `seq` of output as its id. */
export async function * encodeEvents (opening: ServerMessage, messages: AsyncIterator<SessionMessage, void>, heartbeatMs = HEARTBEAT_MS): AsyncGenerator<string, void> {
  try {
    yield encodeMessage(opening)
    for (;;) {
      const next = messages.next()
      while (await isSilent(next, heartbeatMs)) yield HEARTBEAT
      const { value } = await next
      if (value === undefined) return
      const message = presentMessage(value)
      if (message !== undefined) yield encodeMessage(message)
    }
  } finally {
    await messages.return?.()
  }
}

function encodeMessage (message: ServerMessage): string {
  return encodeEvent({ event: message.type, id: message.type === 'output' ? String(message.seq) : undefined, data: message })
}
