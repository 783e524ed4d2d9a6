import { randomUUID } from 'node:crypto'
import { errors } from '../../errors.ts'
import { isUuid } from '../../lib/uuid.ts'
import { controlProcess, listProcesses } from '../../sandbox/agent-client/processes.ts'
import type { KeptProcess, ScreenSize } from '../../sandbox/agent-protocol.ts'
import { loginShell } from '../core/command.ts'
import type { LocatedProject } from '../core/running.ts'
import type { ProcessService } from '../processes/service.ts'
import type { SocketTarget } from '../processes/sockets/stream.ts'
import { createTerminalQuota, type TerminalLimits } from './quota.ts'
import type { TerminalRow, TerminalsRepo } from './repo.ts'

export interface TerminalSettings extends TerminalLimits {
  /** How long a shell lives on with nobody attached. */
  readonly graceMs: number
}

export type TerminalService = ReturnType<typeof createTerminalService>

const FALLBACK_SIZE: ScreenSize = { cols: 80, rows: 24 }
/** Between SIGHUP and SIGKILL. */
const GRACE_MS = 500

/** Shells in projects: processes on a terminal that end when nobody has been attached for a while, and with which ends what they have started. */
export function createTerminalService ({ processes, findContainer, repo, settings, touch, log }: {
  processes: ProcessService
  /** Of a project that runs. */
  findContainer: (projectId: string) => Promise<string | undefined>
  repo: TerminalsRepo
  settings: TerminalSettings
  touch: (projectId: string) => void
  log: { readonly info: (fields: object, message: string) => void }
}) {
  const quota = createTerminalQuota(settings, {
    list: async ({ userId, projectId }) => await repo.ofEither(userId, projectId),
    listLiving: async (rows) => (await findAll(rows)).filter(({ process }) => process.state !== 'ended').map(({ row }) => row)
  })

  /** With the processes that they are; those that are gone are forgotten. */
  async function findAll (rows: readonly TerminalRow[]): Promise<Array<{ row: TerminalRow, process: KeptProcess }>> {
    const containers = [...new Set(rows.map(({ containerId }) => containerId))]
    const kept = new Map((await Promise.all(containers.map(keptIn))).flat().map((process) => [process.id, process]))
    await repo.remove(rows.filter(({ id }) => !kept.has(id)).map(({ id }) => id))
    return rows.flatMap((row) => {
      const process = kept.get(row.id)
      return process === undefined ? [] : [{ row, process }]
    })
  }

  async function keptIn (containerId: string): Promise<KeptProcess[]> {
    try {
      return (await processes.inContainer(containerId, listProcesses)).kept
    } catch (error) {
      if (error instanceof errors.PROJECT_STOPPED) return []
      throw error
    }
  }

  async function find ({ id: projectId }: Pick<LocatedProject, 'id'>, id: string): Promise<{ row: TerminalRow, process: KeptProcess }> {
    const row = isUuid(id) ? (await repo.ofProject(projectId)).find((one) => one.id === id) : undefined
    const [found] = row === undefined ? [] : await findAll([row])
    if (found === undefined) throw new errors.TERMINAL_NOT_FOUND()
    return found
  }

  /** Also of one that has ended. */
  async function end ({ containerId, id }: Pick<TerminalRow, 'containerId' | 'id'>): Promise<void> {
    try {
      await processes.inContainer(containerId, async (init) => await processes.end(init, id, GRACE_MS))
    } catch (error) {
      if (!(error instanceof errors.PROCESS_NOT_FOUND || error instanceof errors.PROJECT_STOPPED)) throw error
    }
    await repo.remove([id])
  }

  function targetOf (row: TerminalRow, position: number): SocketTarget {
    return { containerId: row.containerId, process: { id: row.id, end: position }, onSeen: async () => await end(row) }
  }

  async function open (project: LocatedProject, place: Omit<TerminalRow, 'containerId'>, size: ScreenSize): Promise<TerminalRow> {
    const { containerId } = await processes.startBound(project, place.id, { cmd: loginShell, tty: true, size }, async (_init, started) => await started, { patienceMs: settings.graceMs })
    const row = { ...place, containerId }
    try {
      await repo.add(row)
    } catch (error) {
      await end(row)
      throw error
    }
    log.info({ projectId: project.id, terminal: row.id }, 'terminal opened')
    return row
  }

  return {
    /** A new shell, in a project that is started if need be. */
    async open (userId: string, project: LocatedProject, size: ScreenSize = FALLBACK_SIZE): Promise<SocketTarget> {
      touch(project.id)
      const place = { id: randomUUID(), userId, projectId: project.id }
      const row = await quota.within(place, async () => await open(project, place, size)).catch((error: unknown) => {
        throw error instanceof errors.PROCESS_START_FAILED ? Object.assign(new errors.TERMINAL_START_FAILED(error.message), { cause: error }) : error
      })
      return { ...targetOf(row, 0), onUnwanted: async () => await end(row) }
    },

    async target (project: LocatedProject, id: string): Promise<SocketTarget> {
      const { row, process } = await find(project, id)
      return targetOf(row, process.output.end)
    },

    async list ({ id }: LocatedProject): Promise<KeptProcess[]> {
      return (await findAll(await repo.ofProject(id))).map(({ process }) => process)
    },

    async end (project: LocatedProject, id: string): Promise<void> {
      touch(project.id)
      await end((await find(project, id)).row)
    },

    async resize (project: LocatedProject, id: string, size: ScreenSize): Promise<KeptProcess> {
      const { row: { containerId }, process } = await find(project, id)
      if (process.state !== 'ended') await processes.inContainer(containerId, async (init) => await controlProcess(init, { id, size }))
      return { ...process, size }
    },

    /**
     * Whether a shell, of a terminal or at which somebody is in another way, as by SSH, has a job in the foreground, which works
     * without printing anything, or a byte has gone either way lately.
     */
    async isBusy (projectId: string, idleMs: number): Promise<boolean> {
      const containerId = await findContainer(projectId)
      if (containerId === undefined) return false
      const terminals = new Set((await repo.ofProject(projectId)).map(({ id }) => id))
      return (await keptIn(containerId)).some(({ id, size, attached, isBusy, quietMs }) =>
        size !== undefined && (attached > 0 || terminals.has(id)) && (isBusy || quietMs < idleMs))
    }
  }
}
