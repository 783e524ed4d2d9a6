import type { Socket } from 'node:net'
import type { Connection, ServerChannel } from 'ssh2'
import { createDeferred, type Deferred } from '../../lib/deferred.ts'

/** A channel of a connection, and what is sent through it. */
export interface Lane {
  readonly channel: ServerChannel
  /** Aborted when it has ended, on whichever side. */
  readonly closed: AbortSignal
  /** Sends bytes as the client takes them. False when it takes no more. */
  readonly send: (bytes: Uint8Array, stream?: 'stdout' | 'stderr') => Promise<boolean>
}

/**
 * Keeps what a connection holds in memory bounded. The library queues without a bound for a client that opens a large window and
 * does not read, or asks for new keys and does not take them; and it takes more than the window that it has given.
 */
export interface Line {
  readonly open: (channel: ServerChannel) => Lane
}

/** As much as one packet carries. */
const CHUNK_BYTES = 32 * 1024
/** What waits for a client that does not read. */
const MOST_UNSENT_BYTES = 1024 ** 2
/** What clients have sent and nobody has read: four full windows. More comes only from who ignores windows, or fills many. */
const MOST_UNREAD_BYTES = 8 * 1024 ** 2
/** For new keys, while which nothing but them may be sent. */
const REKEYING_MS = 30_000

/** What the library knows and does not tell, of the version that is pinned. */
interface Insides { readonly _protocol: { readonly _kexinit?: unknown } }
interface ChannelInsides { readonly outgoing: { readonly window: number, readonly state: string }, readonly incoming: { readonly state: string } }

const insidesOf = (channel: ServerChannel): ChannelInsides => channel as unknown as ChannelInsides

export function createLine (client: Connection, socket: Socket): Line {
  const lanes = new Map<ServerChannel, AbortController>()
  const waiting = new Set<Deferred<void>>()
  let rekeying: NodeJS.Timeout | undefined

  /** Whoever waits checks again whether it can go on. */
  function recheck (): void {
    for (const waiter of waiting) waiter.resolve()
    waiting.clear()
  }

  function isRekeying (): boolean {
    return (client as unknown as Insides)._protocol._kexinit !== undefined
  }

  function close (channel: ServerChannel): void {
    lanes.get(channel)?.abort()
    lanes.delete(channel)
    recheck()
  }

  function onReceived (): void {
    if (!isRekeying()) endRekeying()
    else rekeying ??= setTimeout(() => socket.destroy(), REKEYING_MS).unref()
    let unread = 0
    for (const channel of [...lanes.keys()]) {
      // The library's own event waits until all is read, which may be never.
      if (insidesOf(channel).incoming.state === 'closed') close(channel)
      unread += channel.readableLength
    }
    if (unread > MOST_UNREAD_BYTES) socket.destroy()
    // Answers to what it asks go out too; whoever does not take them is not listened to.
    else if (socket.writableLength > MOST_UNSENT_BYTES) socket.pause()
    recheck()
  }

  function endRekeying (): void {
    clearTimeout(rekeying)
    rekeying = undefined
  }

  socket.on('data', onReceived)
  socket.on('drain', () => {
    socket.resume()
    recheck()
  })
  client.on('rekey', recheck)
  socket.once('close', () => {
    endRekeying()
    for (const channel of [...lanes.keys()]) close(channel)
  })

  /** Undefined when nothing can be sent any more, 0 while it has to wait. */
  function roomOf (channel: ServerChannel, closed: AbortSignal): number | undefined {
    const { outgoing: { state, window } } = insidesOf(channel)
    if (closed.aborted || state !== 'open') return undefined
    return isRekeying() || socket.writableLength > MOST_UNSENT_BYTES ? 0 : Math.min(window, CHUNK_BYTES)
  }

  return {
    open (channel) {
      const controller = new AbortController()
      const closed = controller.signal
      if (socket.destroyed) controller.abort()
      else lanes.set(channel, controller)
      channel.on('error', () => undefined)
      channel.once('close', () => close(channel))
      return {
        channel,
        closed,
        async send (bytes, stream = 'stdout') {
          for (let offset = 0; offset < bytes.length;) {
            const room = roomOf(channel, closed)
            if (room === undefined) return false
            if (room === 0) {
              const waiter = createDeferred<void>()
              waiting.add(waiter)
              await waiter.promise
              continue
            }
            const chunk = bytes.subarray(offset, offset + room)
            try {
              (stream === 'stdout' ? channel : channel.stderr).write(chunk)
            } catch {
              return false // The library throws when the connection has ended in this moment.
            }
            offset += chunk.length
          }
          return true
        }
      }
    }
  }
}
