import { randomUUID } from 'node:crypto'
import type { DockerClient, TerminalSize } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { NotRunningError } from '../../sandbox/project-agent.ts'
import { endProjectTerminals, openProjectTerminal, TerminalStartError, type ProjectTerminal } from '../../sandbox/project-terminal.ts'
import type { Connection } from './connection.ts'
import { createTerminalQuota, type TerminalLimits } from './quota.ts'
import { createRegistry, type Entry } from './registry.ts'
import { createTerminal } from './terminal.ts'

export interface TerminalSettings extends TerminalLimits {
  readonly ringBytes: number
  /** How long a shell lives on with nobody attached. */
  readonly graceMs: number
}

export interface TerminalServiceOptions {
  readonly docker: DockerClient
  readonly settings: TerminalSettings
  readonly serverId: string
  /** Resolves with a container that runs, started if need be. */
  readonly start: (projectId: string) => Promise<{ readonly Id: string }>
  /** Throws PROJECT_NOT_FOUND. */
  readonly ensureExists: (projectId: string) => Promise<void>
  /** What the project's owner has set for all that is started in it. */
  readonly variablesOf: (projectId: string) => Promise<Record<string, string>>
  readonly touch: (projectId: string) => void
  /** Aborted when the container is about to end, or has ended. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  readonly log: { readonly info: (fields: object, message: string) => void, readonly warn: (fields: object, message: string) => void }
}

export type TerminalService = ReturnType<typeof createTerminalService>

const FALLBACK_SIZE: TerminalSize = { cols: 80, rows: 24 }
// For a client that has lost its connection just when the shell ended, and one that reads slowly.
const ENDED_KEEP_MS = 60_000
// From the end of the shell to the end of its stream, which is the Engine's part.
const END_DEADLINE_MS = 5_000

/** The shells of all projects on this server. */
export function createTerminalService ({ docker, settings, serverId, start, ensureExists, variablesOf, touch, stoppingSignal, log }: TerminalServiceOptions) {
  const registry = createRegistry()
  const quota = createTerminalQuota(settings)
  const watchedContainers = new Set<string>()
  let isClosing = false

  /** A new shell, in a project that is started if need be. The caller has seen that the user may work in it, for whom it counts. */
  async function open (userId: string, projectId: string, size: TerminalSize = FALLBACK_SIZE): Promise<Entry> {
    if (isClosing) throw new errors.SHUTTING_DOWN()
    const release = quota.take(userId, projectId)
    try {
      const [{ Id: containerId }, env] = await Promise.all([start(projectId), variablesOf(projectId)])
      const id = randomUUID()
      const pty = await openPty(containerId, { id, serverId, size, env })
      if (isClosing) {
        pty.socket.destroy()
        throw new errors.SHUTTING_DOWN()
      }
      watchContainer(containerId)
      return admit({ projectId, containerId, id, pty, size, release })
    } catch (error) {
      release()
      throw error
    }
  }

  async function openPty (containerId: string, options: Parameters<typeof openProjectTerminal>[2]): Promise<ProjectTerminal> {
    try {
      return await openProjectTerminal(docker, containerId, options)
    } catch (error) {
      if (error instanceof NotRunningError) throw new errors.PROJECT_STOPPED()
      if (!(error instanceof TerminalStartError)) throw error
      log.warn({ err: error, containerId }, 'terminal could not be started')
      throw new errors.TERMINAL_START_FAILED(error.message)
    }
  }

  function admit ({ projectId, containerId, id, pty, size, release }: {
    projectId: string
    containerId: string
    id: string
    pty: ProjectTerminal
    size: TerminalSize
    release: () => void
  }): Entry {
    let grace: NodeJS.Timeout | undefined
    const terminal = createTerminal({
      id,
      pty,
      size,
      ringBytes: settings.ringBytes,
      onActivity: () => touch(projectId),
      onAttached (count) {
        clearTimeout(grace)
        if (count === 0) grace = setTimeout(expire, settings.graceMs).unref()
      },
      onResizeFailed: (err) => log.info({ err, terminal: id }, 'terminal could not be resized')
    })
    const entry: Entry = { terminal, projectId, containerId, createdAt: new Date(), connections: new Set() }
    const expire = (): void => {
      log.info({ projectId, terminal: id }, 'terminal ended: nobody came back')
      void end(entry)
    }
    registry.add(entry)
    void terminal.ended.then(() => {
      clearTimeout(grace)
      release()
      forgetLater(entry)
    })
    log.info({ projectId, terminal: id }, 'terminal opened')
    return entry
  }

  /** An ended terminal is there for whoever has not seen its end. */
  function forgetLater (entry: Entry): void {
    const forget = setTimeout(() => {
      registry.remove(entry)
      for (const connection of entry.connections) connection.terminate()
    }, ENDED_KEEP_MS).unref()
    void entry.terminal.delivered.then(() => {
      registry.remove(entry)
      if (entry.terminal.attached() === 0) clearTimeout(forget)
    })
  }

  async function end (entry: Entry): Promise<void> {
    const { terminal, containerId } = entry
    if (!terminal.hasEnded()) {
      try {
        await endProjectTerminals(docker, containerId, [terminal.id])
      } catch (err) {
        // It goes with its container at the latest.
        log.warn({ err, terminal: terminal.id }, 'terminal could not be ended in order')
        terminal.abandon()
      }
      const deadline = setTimeout(terminal.abandon, END_DEADLINE_MS)
      await terminal.ended
      clearTimeout(deadline)
    }
    registry.remove(entry)
  }

  function watchContainer (containerId: string): void {
    if (watchedContainers.has(containerId)) return
    watchedContainers.add(containerId)
    const signal = stoppingSignal(containerId)
    const onStopping = (): void => {
      watchedContainers.delete(containerId)
      for (const entry of registry.inContainer(containerId)) void drop(entry)
    }
    if (signal.aborted) onStopping()
    else signal.addEventListener('abort', onStopping, { once: true })
  }

  /** Its container is ending, and the shell with it. */
  async function drop (entry: Entry): Promise<void> {
    registry.remove(entry)
    const reason = await ensureExists(entry.projectId).then(() => new errors.PROJECT_STOPPED(), (error: unknown) => error)
    for (const connection of entry.connections) connection.refuse(reason)
    entry.terminal.abandon()
  }

  function findEntry (projectId: string, id: string): Entry {
    const entry = registry.find(id)
    if (entry === undefined || entry.projectId !== projectId) throw new errors.TERMINAL_NOT_FOUND()
    return entry
  }

  return {
    open,
    find: findEntry,
    list: registry.inProject,
    end,
    /** Counts the connection as the terminal's until the returned function is called. */
    join (entry: Entry, connection: Connection): () => void {
      entry.connections.add(connection)
      return () => void entry.connections.delete(connection)
    },
    byContainer: registry.byContainer,
    /** Tells everybody that the server stops. */
    closeAll: (): void => {
      isClosing = true
      for (const { connections } of registry.all()) for (const connection of connections) connection.refuse(new errors.SHUTTING_DOWN())
    },
    /** Ends all shells, with one call for each container. */
    close: async (): Promise<void> => {
      isClosing = true
      await Promise.all(registry.byContainer().map(async ([containerId, entries]) => {
        await endProjectTerminals(docker, containerId, entries.map(({ terminal }) => terminal.id))
          .catch((err: unknown) => log.warn({ err, containerId }, 'terminals are left to the next start'))
        for (const { terminal } of entries) terminal.abandon()
      }))
    }
  }
}
