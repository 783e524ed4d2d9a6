import { sql } from 'drizzle-orm'
import { escapeIdentifier } from 'pg'
import { createLoop } from '../lib/loop.ts'
import { openClient } from './client.ts'
import type { DatabaseAddress, Querying } from './open.ts'
import { limitSession } from './session-limits.ts'

export interface ChannelListener {
  readonly onMessage: (payload: string) => void
  /** Messages may be missed from now on. */
  readonly onLost: () => void
  /** Messages come again. Looks for what was missed; called again until that has succeeded. */
  readonly onListening: () => Promise<void>
}

/** NOTIFY between the servers on one database. */
export interface Notifications {
  /** Any number may listen to one channel. Before `start`. */
  readonly subscribe: (channel: string, listener: ChannelListener) => void
  /** Nothing is missed: every channel is listened to, and everybody has caught up with what came before. */
  readonly isListening: () => boolean
  readonly start: () => void
  readonly stop: () => Promise<void>
}

// Also how soon a connection that was lost is made again, and within twice the silence a dead one is noticed.
const HEARTBEAT_MS = 1_000
const SILENCE_MS = 10_000

export function createNotifications (address: DatabaseAddress, { onError }: { onError: (error: unknown) => void }): Notifications {
  const listeners: Array<{ readonly channel: string, readonly listener: ChannelListener }> = []
  /** Those who have caught up since this connection was made. */
  let current = new Set<ChannelListener>()
  let isConnected = false
  let isClosing = false
  /** Counts connections: catching up during one says nothing of the next. */
  let connection = 0

  const client = openClient(address, {
    silenceMs: SILENCE_MS,
    onnotify (channel, payload) {
      for (const subscription of listeners) if (subscription.channel === channel) subscription.listener.onMessage(payload)
    },
    onclose () {
      connection++
      const wasConnected = isConnected
      isConnected = false
      current = new Set()
      if (wasConnected && !isClosing) for (const { listener } of listeners) listener.onLost()
    }
  })

  async function listen (): Promise<void> {
    await limitSession(client)
    const at = connection
    for (const channel of new Set(listeners.map(({ channel }) => channel))) await client.query(`listen ${escapeIdentifier(channel)}`)
    // Lost in between, some of it is listened to on a connection that is no more.
    isConnected = at === connection
  }

  /** One who fails keeps nobody else from catching up, and is asked again with the next beat. */
  async function catchUp (): Promise<void> {
    const at = connection
    await Promise.all(listeners.filter(({ listener }) => !current.has(listener)).map(async ({ listener }) => {
      try {
        await listener.onListening()
        if (at === connection) current.add(listener)
      } catch (error) {
        onError(error)
      }
    }))
  }

  const loop = createLoop({
    intervalMs: HEARTBEAT_MS,
    onError,
    async work () {
      if (isConnected) await client.query('select 1')
      else await listen()
      if (isConnected) await catchUp()
    }
  })

  return {
    subscribe: (channel, listener) => void listeners.push({ channel, listener }),
    isListening: () => isConnected && current.size === listeners.length,
    start: loop.start,
    async stop () {
      isClosing = true
      await loop.stop()
      await client.end()
    }
  }
}

/** Tells every server, ourselves included, as soon as the transaction is committed. */
export async function notify (querying: Querying, channel: string, payload: string): Promise<void> {
  await querying.execute(sql`select pg_notify(${channel}, ${payload})`)
}
