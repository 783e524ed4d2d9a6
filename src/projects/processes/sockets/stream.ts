import { attachProcess } from '../../../sandbox/agent-client/processes.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import type { AttachResult, ScreenSize } from '../../../sandbox/agent-protocol.ts'
import { createDeferred, type Deferred } from '../../../lib/deferred.ts'
import type { Attachable, TerminalClient } from './attachable.ts'
import { createWindow, terminalWindow } from './window.ts'

const FALLBACK_SIZE: ScreenSize = { cols: 80, rows: 24 }
const SIGNALLED = 128
/** A client that has never acknowledged anything by then does not know how. */
const FIRST_ACKNOWLEDGEMENT_MS = 1_500
/** What a client types waits here for a process that does not read, before nothing is read from the client any more. */
const MOST_UNSENT_BYTES = 256 * 1024

export interface StreamedProcess {
  readonly id: string
  /** Position after what it had printed a moment ago. */
  readonly end: number
}

/** What a socket is to be attached to. */
export interface SocketTarget {
  readonly containerId: string
  readonly process: StreamedProcess
  /** Called with a process that its client has not waited for. */
  readonly onUnwanted?: () => Promise<void>
  /** Called when the client has seen how it ended. */
  readonly onSeen?: () => Promise<void>
}

export interface StreamHandlers {
  /** Whether the process waits for this client. */
  readonly holds: boolean
  /** Bytes have gone either way. */
  readonly onActivity: () => void
  readonly resize: (size: ScreenSize) => void
  /** The client has gone or been told the end; with the reason if PID 1 was lost. */
  readonly onOver: (error?: unknown) => void
}

/**
 * A process as its sockets see it: each has a place of its own in what PID 1 keeps, so that nothing of it is kept here.
 * One slow client falls behind alone; only when all that it waits for are behind the process has to wait.
 */
export function createProcessStream (agent: AgentConnection, process: StreamedProcess, { holds, onActivity, resize, onOver }: StreamHandlers): Attachable {
  return {
    attach (client, since) {
      const out = createOutlet(client, process, since)
      let isDetached = false
      let unsent = 0
      const setInputPaused = (isPaused: boolean): void => {
        out.setDeaf(isPaused)
        client.setInputPaused(isPaused)
      }
      const attachment = attachProcess(agent, { id: process.id, from: since, holds }, {
        onSize: out.resized,
        onPosition: out.moveTo,
        onOutput (_stream, bytes) {
          onActivity()
          return isDetached ? undefined : out.send(bytes)
        }
      })
      attachment.result.then((result) => {
        if (!isDetached) out.end(result)
        onOver()
      }, (error: unknown) => onOver(isDetached ? undefined : error))
      return {
        write (bytes) {
          onActivity()
          unsent += bytes.length
          if (unsent > MOST_UNSENT_BYTES) setInputPaused(true)
          attachment.sendInput(bytes, () => {
            const wasPaused = unsent > MOST_UNSENT_BYTES
            unsent -= bytes.length
            if (wasPaused && unsent <= MOST_UNSENT_BYTES) setInputPaused(false)
          })
        },
        acknowledge: out.acknowledged,
        resize,
        detach () {
          if (isDetached) return
          isDetached = true
          out.close()
          attachment.detach()
        }
      }
    }
  }
}

/** The way to one client, which is as wide as it can take. */
function createOutlet (client: TerminalClient, process: StreamedProcess, since: number | undefined) {
  const window = createWindow(terminalWindow, { bufferedBytes: client.bufferedBytes, expectsAcknowledgements: client.acknowledges })
  let size = FALLBACK_SIZE
  let position: number | undefined
  let waiting: Deferred<void> | undefined

  function look (): void {
    if (!window.isOpen()) return
    waiting?.resolve()
    waiting = undefined
  }

  function flushed (): void {
    window.flushed()
    look()
  }

  return {
    resized: (to: ScreenSize): void => {
      size = to
      if (position !== undefined) client.resized(to)
    },
    moveTo: (to: number): void => {
      if (position === undefined) {
        position = Math.min(since ?? to, to)
        client.greet({ terminal: process.id, seq: position, replay: Math.max(process.end - to, 0), size })
      }
      if (position < to) client.lost(to - position)
      position = to
    },
    /** Resolves when there is room for more. */
    send (bytes: Buffer): Promise<void> | undefined {
      position = (position ?? 0) + bytes.length
      client.send(bytes, flushed)
      window.sent(bytes.length)
      if (window.isOpen()) return undefined
      waiting ??= createDeferred()
      const timer = setTimeout(() => {
        window.stopWaitingForFirst()
        look()
      }, FIRST_ACKNOWLEDGEMENT_MS).unref()
      return waiting.promise.finally(() => clearTimeout(timer))
    },
    acknowledged: (bytes: number): void => {
      window.acknowledged(bytes)
      look()
    },
    setDeaf (isDeaf: boolean): void {
      window.setDeaf(isDeaf)
      look()
    },
    end: ({ exitCode, signal }: AttachResult): void => client.exited(exitCode ?? SIGNALLED + (signal ?? 0)),
    close (): void {
      waiting?.resolve()
    }
  }
}
