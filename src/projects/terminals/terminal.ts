import { coalesce } from '../../lib/coalesce.ts'
import { createDeferred } from '../../lib/deferred.ts'
import { createRingBuffer } from '../../lib/ring-buffer.ts'
import type { TerminalSize } from '../../docker/index.ts'
import type { ProjectTerminal } from '../../sandbox/project-terminal.ts'
import { createAttachment, type Attachment, type TerminalClient } from './attachment.ts'
import { createBackpressure, engineBackpressure, type BackpressureLimits } from './backpressure.ts'
import { terminalWindow } from './window.ts'

/** What a client holds of a terminal. */
export interface Handle {
  /** What somebody has typed. */
  readonly write: (bytes: Buffer) => void
  readonly acknowledge: (bytes: number) => void
  readonly resize: (size: TerminalSize) => void
  readonly detach: () => void
}

export interface Terminal {
  readonly id: string
  /** Greets the client and sends it everything from `since` on, or from the oldest byte that is kept. */
  readonly attach: (client: TerminalClient, since?: number) => Handle
  readonly attached: () => number
  readonly size: () => TerminalSize
  readonly resize: (size: TerminalSize) => void
  /** Bytes of output so far. */
  readonly seq: () => number
  /** Milliseconds since a byte has gone either way. */
  readonly quietMs: () => number
  readonly hasEnded: () => boolean
  /** Resolves with the exit code when the shell has ended; undefined if nobody knows it, as when its container has ended. */
  readonly ended: Promise<number | undefined>
  /** Resolves when a client has seen everything and been told the end. */
  readonly delivered: Promise<void>
  /** Gives the connection to the shell up. The shell itself has to be ended from inside. */
  readonly abandon: () => void
}

/** A shell's TTY, what it has printed lately, and everybody who looks at it. */
export function createTerminal ({ id, pty, size: firstSize, ringBytes, onActivity, onAttached, onResizeFailed, backpressureLimits = engineBackpressure }: {
  id: string
  pty: ProjectTerminal
  size: TerminalSize
  ringBytes: number
  /** Bytes have gone either way. */
  onActivity: () => void
  /** With how many are attached now. */
  onAttached: (count: number) => void
  onResizeFailed: (error: unknown) => void
  backpressureLimits?: BackpressureLimits
}): Terminal {
  const { socket } = pty
  const ring = createRingBuffer(ringBytes)
  const attachments = new Set<Attachment>()
  const ended = createDeferred<number | undefined>()
  const delivered = createDeferred<void>()
  const backpressure = createBackpressure(backpressureLimits, { source: socket, onTimeout })
  let size = firstSize
  let isInputPaused = false
  let ending: { code: number | undefined } | undefined
  let activeAt = performance.now()

  const applySize = coalesce(async () => await pty.resize(size).catch(onResizeFailed))

  function noteActivity (): void {
    activeAt = performance.now()
    onActivity()
  }

  function onOutput (chunk: Buffer): void {
    ring.append(chunk)
    noteActivity()
    for (const attachment of attachments) attachment.pump(chunk)
    backpressure.received(chunk.length)
    updateBackpressure()
  }

  function updateBackpressure (): void {
    backpressure.setWanted(isWanted())
  }

  /** One slow client falls behind alone; only when all that it waits for are behind the shell has to wait. Without any it never does. */
  function isWanted (): boolean {
    let isFree = true
    for (const { client, hasRoom } of attachments) {
      if (!client.holds()) continue
      if (hasRoom()) return true
      isFree = false
    }
    return isFree
  }

  function onTimeout (): void {
    for (const attachment of attachments) {
      attachment.stopWaitingForFirstAcknowledgement()
      advance(attachment)
    }
  }

  function advance (attachment: Attachment): void {
    attachment.pump()
    updateBackpressure()
    if (ending !== undefined) endAttachment(attachment, ending.code)
  }

  function endAttachment (attachment: Attachment, code: number | undefined): void {
    if (!attachment.isCaughtUp() || !attachments.delete(attachment)) return
    attachment.client.exited(code)
    delivered.resolve()
  }

  function setInputPaused (isPaused: boolean): void {
    if (isPaused === isInputPaused) return
    isInputPaused = isPaused
    for (const attachment of attachments) {
      attachment.setInputPaused(isPaused)
      advance(attachment)
    }
  }

  function onEnd (): void {
    backpressure.release()
    // The Engine closes only its own half.
    socket.destroy()
    setInputPaused(false)
    pty.exitCode().then(finish, () => finish(undefined))
  }

  function finish (code: number | undefined): void {
    ending = { code }
    for (const attachment of attachments) endAttachment(attachment, code)
    ended.resolve(code)
  }

  function resize (to: TerminalSize): void {
    if (to.cols === size.cols && to.rows === size.rows) return
    size = to
    for (const { client } of attachments) client.resized(size)
    if (!socket.destroyed) void applySize()
  }

  socket.on('data', onOutput).on('drain', () => setInputPaused(false)).once('close', onEnd)
  // `end` is followed by no `close` of its own: the socket stays half open.
  socket.once('end', () => socket.destroy())
  socket.resume()

  return {
    id,
    attach (client, since) {
      const position = Math.min(Math.max(since ?? ring.start(), 0), ring.end())
      const attachment = createAttachment({ client, ring, limits: terminalWindow, position, onRoom: () => advance(attachment) })
      client.greet({ terminal: id, seq: position, replay: ring.end() - Math.max(position, ring.start()), size })
      attachments.add(attachment)
      if (isInputPaused) attachment.setInputPaused(true)
      onAttached(attachments.size)
      advance(attachment)
      return {
        write (bytes) {
          if (ending !== undefined || socket.destroyed) return
          noteActivity()
          if (!socket.write(bytes)) setInputPaused(true)
        },
        acknowledge: attachment.acknowledged,
        resize,
        detach () {
          if (!attachments.delete(attachment)) return
          updateBackpressure()
          onAttached(attachments.size)
        }
      }
    },
    attached: () => attachments.size,
    size: () => size,
    resize,
    seq: ring.end,
    quietMs: () => performance.now() - activeAt,
    hasEnded: () => ending !== undefined,
    ended: ended.promise,
    delivered: delivered.promise,
    abandon: () => socket.destroy()
  }
}
