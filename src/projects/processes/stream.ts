import { attachProcess } from '../../sandbox/agent-client/processes.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentLostError } from '../../sandbox/agent-client/errors.ts'
import type { AttachResult, KeptProcess, ScreenSize } from '../../sandbox/agent-protocol.ts'
import { createDeferred, type Deferred } from '../../lib/deferred.ts'
import type { TerminalClient } from '../terminals/attachment.ts'
import type { Attachable } from '../terminals/connection.ts'
import { createWindow, terminalWindow } from '../terminals/window.ts'

const FALLBACK_SIZE: ScreenSize = { cols: 80, rows: 24 }
const SIGNALLED = 128
/** A client that has never acknowledged anything by then does not know how. */
const FIRST_ACKNOWLEDGEMENT_MS = 1_500
/** What a client types waits here for a process that does not read, before nothing is read from the client any more. */
const MOST_UNSENT_BYTES = 256 * 1024

/**
 * A process as its sockets see it: each has a place of its own in what the agent keeps, so that nothing of it is kept here.
 * One slow client falls behind alone; only when all that it waits for are behind the process has to wait.
 */
export function createProcessStream (agent: AgentConnection, process: KeptProcess, { holds, onActivity, resize, onOver }: {
  /** Whether the process waits for this client. */
  holds: boolean
  /** Bytes have gone either way. */
  onActivity: () => void
  resize: (size: ScreenSize) => void
  onOver: () => void
}): Attachable {
  return {
    attach (client, since) {
      const out = createOutlet(client, process)
      let unsent = 0
      const attachment = attachProcess(agent, { id: process.id, from: since, holds }, {
        onPosition: out.moveTo,
        onOutput: (_stream, bytes) => {
          onActivity()
          return out.send(bytes)
        }
      })
      attachment.result.then(out.end, (error: unknown) => {
        if (!(error instanceof AgentLostError)) throw error
        client.exited(undefined)
      }).catch(() => client.exited(undefined)).finally(onOver)
      return {
        write (bytes) {
          onActivity()
          unsent += bytes.length
          if (unsent > MOST_UNSENT_BYTES) client.setInputPaused(true)
          attachment.sendInput(bytes, () => {
            const wasPaused = unsent > MOST_UNSENT_BYTES
            unsent -= bytes.length
            if (wasPaused && unsent <= MOST_UNSENT_BYTES) client.setInputPaused(false)
          })
        },
        acknowledge: out.acknowledged,
        resize,
        detach () {
          out.close()
          attachment.detach()
        }
      }
    }
  }
}

/** The way to one client, which is as wide as it can take. */
function createOutlet (client: TerminalClient, process: KeptProcess) {
  const window = createWindow(terminalWindow, { bufferedBytes: client.bufferedBytes, expectsAcknowledgements: client.acknowledges })
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
    moveTo: (to: number): void => {
      if (position === undefined) client.greet({ terminal: process.id, seq: to, replay: Math.max(process.output.end - to, 0), size: process.size ?? FALLBACK_SIZE })
      else client.lost(to - position)
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
    end: ({ exitCode, signal }: AttachResult): void => client.exited(exitCode ?? (signal === undefined ? undefined : SIGNALLED + signal)),
    close (): void {
      waiting?.resolve()
    }
  }
}
