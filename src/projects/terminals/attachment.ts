import type { TerminalSize } from '../../docker/index.ts'
import type { RingBuffer } from '../../lib/ring-buffer.ts'
import { createWindow, type WindowLimits } from './window.ts'

export interface Greeting {
  readonly terminal: string
  /** Position of the first byte to come. */
  readonly seq: number
  /** How many of the bytes to come are old. */
  readonly replay: number
  readonly size: TerminalSize
}

/** Whoever looks at a terminal, as the terminal knows it. */
export interface TerminalClient {
  /** Whether it will say how much it has dealt with. */
  readonly acknowledges: boolean
  /** Whether the shell waits for it. */
  readonly holds: () => boolean
  readonly greet: (greeting: Greeting) => void
  /** Calls back when the bytes have left this process. */
  readonly send: (bytes: Buffer, onFlushed: () => void) => void
  readonly bufferedBytes: () => number
  readonly lost: (bytes: number) => void
  readonly resized: (size: TerminalSize) => void
  /** The last thing that it is told. The code is undefined when nobody knows it, as when the container has ended. */
  readonly exited: (code: number | undefined) => void
  /** Whether to go on reading what it types. */
  readonly setInputPaused: (isPaused: boolean) => void
}

/** One client's place in the output of a terminal. */
export interface Attachment {
  readonly client: TerminalClient
  /** Sends what there is to send and may be sent; `live` are the ring's newest bytes, which need no copy. */
  readonly pump: (live?: Buffer) => void
  readonly isCaughtUp: () => boolean
  /** Whether more could be sent. */
  readonly hasRoom: () => boolean
  readonly acknowledged: (bytes: number) => void
  readonly setInputPaused: (isPaused: boolean) => void
  readonly stopWaitingForFirstAcknowledgement: () => void
}

const PIECE_BYTES = 64 * 1024

export function createAttachment ({ client, ring, limits, position: first, onRoom }: {
  client: TerminalClient
  ring: RingBuffer
  limits: WindowLimits
  /** Where it goes on; what is no longer there is reported as lost. */
  position: number
  /** There may be room again. */
  onRoom: () => void
}): Attachment {
  const window = createWindow(limits, { bufferedBytes: client.bufferedBytes, expectsAcknowledgements: client.acknowledges })
  let position = first

  function send (bytes: Buffer): void {
    position += bytes.length
    client.send(bytes, onFlushed)
    window.sent(bytes.length)
  }

  function onFlushed (): void {
    if (window.isOpen()) return
    window.flushed()
    if (window.isOpen()) onRoom()
  }

  function skipLost (): void {
    const bytes = ring.start() - position
    if (bytes <= 0) return
    position += bytes
    client.lost(bytes)
  }

  return {
    client,
    pump (live) {
      if (live !== undefined && window.isOpen() && position === ring.end() - live.length) return send(live)
      while (window.isOpen() && position < ring.end()) {
        skipLost()
        send(ring.read(position, PIECE_BYTES))
      }
    },
    isCaughtUp: () => position === ring.end(),
    hasRoom: window.isOpen,
    acknowledged (bytes) {
      window.acknowledged(bytes)
      if (window.isOpen()) onRoom()
    },
    setInputPaused (isPaused) {
      window.setDeaf(isPaused)
      client.setInputPaused(isPaused)
    },
    stopWaitingForFirstAcknowledgement: window.stopWaitingForFirst
  }
}
