import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '../../errors.ts'
import { createDeferred } from '../../lib/deferred.ts'
import { signalName } from '../../lib/signals.ts'
import { attachProcess } from '../../sandbox/agent-client/processes.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import type { AttachResult } from '../../sandbox/agent-protocol.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import type { Connection } from '../../sockets/connection.ts'
import type { LocatedProject } from '../core/running.ts'
import type { ProcessService } from '../processes/service.ts'
import { createBackoff } from './backoff.ts'
import { createDeframer, frameMessage, FramingError } from './framing.ts'

/** Of either side. A language server's completion list can be that large. */
const MESSAGE_BYTES = 8 * 1024 ** 2
const SIGKILL = 9

export interface LanguageServersOptions {
  readonly catalogue: Catalogue
  readonly processes: Pick<ProcessService, 'startBound'>
  readonly hold: (projectId: string) => () => void
  /** Without a message either way it is ended. */
  readonly idleMs: number
  readonly log: { readonly info: (fields: object, message: string) => void }
}

export type ServedProject = LocatedProject & { readonly runtime: string }

/**
 * A language server of a project's own for each socket: one JSON-RPC message in each text frame. It ends with the socket, which is
 * closed when nothing is said any more. After one that has failed, the next waits.
 */
export function createLanguageServers ({ catalogue, processes, hold, idleMs, log }: LanguageServersOptions) {
  const backoff = createBackoff()

  function commandOf (runtime: string, language: string): [string, ...string[]] {
    const servers = catalogue.find(runtime)?.languageServers ?? {}
    const [program, ...rest] = Object.hasOwn(servers, language) ? servers[language] ?? [] : []
    if (program === undefined) throw new errors.NO_LANGUAGE_SERVER(JSON.stringify(language), Object.keys(servers).join(', ') || 'none')
    return [program, ...rest]
  }

  return async function serve (connection: Connection, project: ServedProject, language: string): Promise<void> {
    const cmd = commandOf(project.runtime, language)
    const key = `${project.id} ${language}`
    const release = hold(project.id)
    try {
      await sleep(backoff.waitMs(key), undefined, { signal: connection.closed }).catch(() => undefined)
      if (connection.closed.aborted) return
      const id = randomUUID()
      const startedAt = performance.now()
      try {
        const body = { cmd, name: `language server: ${language}` }
        await processes.startBound(project, id, body, async (init) => await talk(init, id, connection), { isFirstToGo: true })
      } catch (error) {
        if (error instanceof errors.LANGUAGE_SERVER_ENDED) backoff.fail(key, performance.now() - startedAt)
        throw error
      }
    } finally {
      release()
    }
  }

  async function talk (init: AgentConnection, id: string, connection: Connection): Promise<void> {
    const deframe = createDeframer(MESSAGE_BYTES)
    const broken = createDeferred<never>()
    broken.promise.catch(() => undefined)
    const idle = setTimeout(() => broken.reject(new errors.LANGUAGE_SERVER_IDLE()), idleMs)
    const server = attachProcess(init, { id, holds: true }, {
      async onOutput (stream, bytes) {
        if (stream === 'stderr') return
        try {
          for (const message of deframe(bytes)) {
            idle.refresh()
            await connection.sendText(message)
          }
        } catch (error) {
          broken.reject(error)
        }
      }
    })
    const onClosed = (): void => server.detach()
    connection.closed.addEventListener('abort', onClosed, { once: true })
    try {
      const end = await Promise.race([broken.promise, server.result, listen(connection, server.sendInput, () => idle.refresh())])
      if (!connection.closed.aborted) throw new errors.LANGUAGE_SERVER_ENDED(describeEnd(end ?? {}))
    } catch (error) {
      if (connection.closed.aborted) return
      log.info({ err: error }, 'a language server ended')
      throw error instanceof FramingError ? Object.assign(new errors.LANGUAGE_SERVER_ENDED(error.message), { cause: error }) : error
    } finally {
      clearTimeout(idle)
      connection.closed.removeEventListener('abort', onClosed)
      server.detach()
    }
  }
}

function describeEnd ({ exitCode, signal }: Partial<AttachResult>): string {
  if (signal === SIGKILL) return 'it was killed, as happens first to language servers when the project is short of memory'
  return signal === undefined ? `it ended by itself${exitCode === undefined ? '' : `, with exit code ${exitCode}`}` : `it was ended by ${signalName(signal)}`
}

/** Passes on what the client says, as fast as the language server reads. */
async function listen (connection: Connection, sendInput: (bytes: Buffer, onSent: () => void) => void, onMessage: () => void): Promise<void> {
  for (let message = await connection.read(); message !== undefined; message = await connection.read()) {
    onMessage()
    const bytes = frameMessage(message)
    await new Promise<void>((resolve) => sendInput(bytes, resolve))
  }
}
