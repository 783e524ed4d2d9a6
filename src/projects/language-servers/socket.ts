import { randomUUID } from 'node:crypto'
import { errors } from '../../errors.ts'
import { createDeferred } from '../../lib/deferred.ts'
import { attachProcess } from '../../sandbox/agent-client/processes.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import type { Connection } from '../../sockets/connection.ts'
import type { LocatedProject } from '../core/running.ts'
import type { ProcessService } from '../processes/service.ts'
import { createDeframer, frameMessage, FramingError } from './framing.ts'

/** Of either side. A language server's completion list can be that large. */
const MESSAGE_BYTES = 8 * 1024 ** 2

export interface LanguageServersOptions {
  readonly catalogue: Catalogue
  readonly processes: Pick<ProcessService, 'startBound'>
  readonly hold: (projectId: string) => () => void
  readonly log: { readonly info: (fields: object, message: string) => void }
}

export type ServedProject = LocatedProject & { readonly runtime: string }

/** A language server of a project's own for each socket: one JSON-RPC message in each text frame. It ends with the socket. */
export function createLanguageServers ({ catalogue, processes, hold, log }: LanguageServersOptions) {
  function commandOf (runtime: string, language: string): [string, ...string[]] {
    const servers = catalogue.find(runtime)?.languageServers ?? {}
    const [program, ...rest] = Object.hasOwn(servers, language) ? servers[language] ?? [] : []
    if (program === undefined) throw new errors.NO_LANGUAGE_SERVER(JSON.stringify(language), Object.keys(servers).join(', ') || 'none')
    return [program, ...rest]
  }

  return async function serve (connection: Connection, project: ServedProject, language: string): Promise<void> {
    const cmd = commandOf(project.runtime, language)
    const release = hold(project.id)
    try {
      const id = randomUUID()
      await processes.startBound(project, id, { cmd, name: `language server: ${language}` }, async (init) => await talk(init, id, connection))
    } finally {
      release()
    }
  }

  async function talk (init: AgentConnection, id: string, connection: Connection): Promise<void> {
    const deframe = createDeframer(MESSAGE_BYTES)
    const broken = createDeferred<never>()
    broken.promise.catch(() => undefined)
    const server = attachProcess(init, { id, holds: true }, {
      async onOutput (stream, bytes) {
        if (stream === 'stderr') return
        try {
          for (const message of deframe(bytes)) await connection.sendText(message)
        } catch (error) {
          broken.reject(error)
        }
      }
    })
    const onClosed = (): void => server.detach()
    connection.closed.addEventListener('abort', onClosed, { once: true })
    try {
      await Promise.race([broken.promise, server.result, listen(connection, server.sendInput)])
      if (!connection.closed.aborted) throw new errors.LANGUAGE_SERVER_ENDED('it ended by itself')
    } catch (error) {
      if (connection.closed.aborted) return
      log.info({ err: error }, 'a language server ended')
      throw error instanceof FramingError ? Object.assign(new errors.LANGUAGE_SERVER_ENDED(error.message), { cause: error }) : error
    } finally {
      connection.closed.removeEventListener('abort', onClosed)
      server.detach()
    }
  }
}

/** Passes on what the client says, as fast as the language server reads. */
async function listen (connection: Connection, sendInput: (bytes: Buffer, onSent: () => void) => void): Promise<void> {
  for (let message = await connection.read(); message !== undefined; message = await connection.read()) {
    const bytes = frameMessage(message)
    await new Promise<void>((resolve) => sendInput(bytes, resolve))
  }
}
