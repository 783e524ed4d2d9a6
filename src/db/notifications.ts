import { sql } from 'drizzle-orm'
import { createLoop } from '../lib/loop.ts'
import { openClient, type DatabaseAddress, type Querying } from './open.ts'

export interface ChannelListener {
  readonly onMessage: (payload: string) => void
  /** Messages may be missed from now on. */
  readonly onLost: () => void
  /** Messages come again. */
  readonly onListening: () => Promise<void>
}

/** NOTIFY between the servers on one database. */
export interface Notifications {
  readonly subscribe: (channel: string, listener: ChannelListener) => void
  readonly isListening: () => boolean
  readonly start: () => void
  readonly stop: () => Promise<void>
}

// Also how soon a connection that was lost is made again, and within twice this a silent one is noticed.
const HEARTBEAT_MS = 1_000
const SILENCE_MS = 10_000

export function createNotifications (address: DatabaseAddress, { onError }: { onError: (error: unknown) => void }): Notifications {
  const channels = new Map<string, ChannelListener>()
  let isListening = false
  let isClosing = false

  const client = openClient(address, {
    max: 1,
    silenceMs: SILENCE_MS,
    onnotify: (channel, payload) => channels.get(channel)?.onMessage(payload),
    onclose () {
      if (!isListening || isClosing) return
      isListening = false
      for (const { onLost } of channels.values()) onLost()
    }
  })

  const loop = createLoop({
    intervalMs: HEARTBEAT_MS,
    onError,
    async work () {
      if (isListening) {
        await client`select 1`
        return
      }
      for (const channel of channels.keys()) await client`listen ${client(channel)}`
      isListening = true
      for (const { onListening } of channels.values()) await onListening()
    }
  })

  return {
    subscribe: (channel, listener) => void channels.set(channel, listener),
    isListening: () => isListening,
    start: loop.start,
    async stop () {
      isClosing = true
      await loop.stop()
      await client.end({ timeout: 1 })
    }
  }
}

/** Tells every server, ourselves included, as soon as the transaction is committed. */
export async function notify (querying: Querying, channel: string, payload: string): Promise<void> {
  await querying.execute(sql`select pg_notify(${channel}, ${payload})`)
}
