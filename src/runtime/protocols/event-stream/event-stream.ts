import { setTimeout as sleep } from 'node:timers/promises'
import { presentMessage, type ServerMessage } from '../../runs/present.ts'
import type { SessionMessage } from '../../runs/messages.ts'

// Proxies between us and the client close what has been silent for a minute or less.
const HEARTBEAT_MS = 15_000

/** A session as server-sent events: one for each message, with the `seq` of output as its id. */
export async function * encodeEvents (opening: ServerMessage, messages: AsyncIterator<SessionMessage, void>, heartbeatMs = HEARTBEAT_MS): AsyncGenerator<string, void> {
  try {
    yield encodeEvent(opening)
    for (;;) {
      const next = messages.next()
      while (await isSilent(next, heartbeatMs)) yield ': still here\n\n'
      const { value } = await next
      if (value === undefined) return
      const message = presentMessage(value)
      if (message !== undefined) yield encodeEvent(message)
    }
  } finally {
    await messages.return?.()
  }
}

async function isSilent (next: Promise<unknown>, ms: number): Promise<boolean> {
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

function encodeEvent (message: ServerMessage): string {
  const id = message.type === 'output' ? `id: ${message.seq}\n` : ''
  return `event: ${message.type}\n${id}data: ${JSON.stringify(message)}\n\n`
}
