import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Compile } from 'typebox/compile'
import { errors } from '../../errors.ts'
import { each } from '../../lib/each.ts'
import { signalNames, signalNumber, type SignalName } from '../../lib/signals.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { listPorts } from '../../sandbox/agent-client/ports.ts'
import { attachProcess, controlProcess, killProcess, listProcesses, startProcess } from '../../sandbox/agent-client/processes.ts'
import { AgentProtocolError, ErrorCode, type ControlRequest, type KeptProcess, type StartRequest } from '../../sandbox/agent-protocol.ts'
import { NoInitError, NotRunningError } from '../../sandbox/project-agent.ts'
import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import { planCommand, shellEnvironment, withFallbackShell } from '../core/command.ts'
import { unlocated, type InRunning, type LocatedProject, type RunningContainer } from '../core/running.ts'
import { encodeLabel, idOfOther, presentOther, presentProcess, presentStarted, type Found } from './present.ts'
import { INPUT_BYTES, ProcessBodySchema, type OtherProcess, type ProcessBody, type ProcessList, type ProcessReport } from './schemas.ts'
import type { SocketTarget } from './sockets/stream.ts'
import type { ServiceRow, ServicesRepo } from './services-repo.ts'

const DEFAULT_SIZE = { cols: 80, rows: 24 }
const terminalEnvironment = { TERM: 'xterm-256color', COLORTERM: 'truecolor' }
const SERVICES_MOST = 20
/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000
const LOOK_MS = 50
/** For a process that does not read what it is given. */
const INPUT_DEADLINE_MS = 10_000
const STARTS_AT_ONCE = 4
const SIGTERM = 15
const SIGKILL = 9
const specValidator = Compile(ProcessBodySchema)

export interface ProcessServiceOptions {
  /** PID 1 of running projects. */
  readonly inits: SharedAgents
  /** An agent beside it, which knows what listens. */
  readonly agents: SharedAgents
  readonly repo: ServicesRepo
  readonly inRunning: InRunning
  readonly variablesOf: (projectId: string) => Promise<Record<string, string>>
  /** Aborted when the container is about to end, or has ended. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  readonly touch: (projectId: string) => void
  /** Has somebody tell of what is about to be started there. */
  readonly follow: (containerId: string) => Promise<void>
  readonly log: { readonly info: (fields: object, message: string) => void, readonly warn: (fields: object, message: string) => void }
}

/** Whether the process has been started is known later. */
export type BoundWork = (init: AgentConnection, started: Promise<void>) => Promise<void>

export type ProcessService = ReturnType<typeof createProcessService>

/** Processes of projects, kept by PID 1 of their containers: they outlive connections and servers. */
export function createProcessService ({ inits, agents, repo, inRunning, variablesOf, stoppingSignal, touch, follow, log }: ProcessServiceOptions) {
  /** With PID 1 of a project that runs; in one that does not there are no processes. */
  async function withInit<T> ({ location: { containerId } }: LocatedProject, work: (init: AgentConnection, containerId: string) => Promise<T>): Promise<T> {
    if (containerId === undefined) throw new errors.PROCESS_NOT_FOUND()
    return await inContainer(containerId, work)
  }

  async function inContainer<T> (containerId: string, work: (init: AgentConnection, containerId: string) => Promise<T>): Promise<T> {
    try {
      return await useInit(containerId, async (init) => await work(init, containerId))
    } catch (error) {
      throw translate(error)
    }
  }

  /** With PID 1 of a project that is started if need be. */
  async function inStarted<T> (project: LocatedProject, work: (init: AgentConnection, container: RunningContainer) => Promise<T>): Promise<T> {
    try {
      return await inRunning(project, async (container) => {
        await follow(container.id)
        return await useInit(container.id, async (init) => await work(init, container))
      })
    } catch (error) {
      throw translate(error)
    }
  }

  async function useInit<T> (containerId: string, work: (init: AgentConnection) => Promise<T>): Promise<T> {
    const stopping = stoppingSignal(containerId)
    try {
      return await inits.use(containerId, work)
    } catch (error) {
      if (!(error instanceof AgentLostError)) throw error
      if (stopping.aborted) throw Object.assign(new errors.PROJECT_STOPPED(), { cause: error })
      // A container that has ended cannot be connected with again. What was done in it is not done anew in another.
      throw translate(await inits.use(containerId, async () => error).catch((reason: unknown) => reason))
    }
  }

  async function find (init: AgentConnection, containerId: string): Promise<Found> {
    const [{ kept, running }, ports] = await Promise.all([
      listProcesses(init),
      agents.use(containerId, async (agent) => await listPorts(agent, { withPids: true }))
    ])
    return { kept, running, ports }
  }

  async function findKept (init: AgentConnection, id: string): Promise<KeptProcess> {
    const process = (await listProcesses(init)).kept.find((kept) => kept.id === id)
    if (process === undefined) throw new errors.PROCESS_NOT_FOUND()
    return process
  }

  async function reportFrom (init: AgentConnection, containerId: string, id: string): Promise<ProcessReport> {
    const found = await find(init, containerId)
    const process = found.kept.find((kept) => kept.id === id)
    if (process === undefined) throw new errors.PROCESS_NOT_FOUND()
    return presentProcess(process, found)
  }

  async function plan (projectId: string, container: RunningContainer, id: string, body: ProcessBody): Promise<StartRequest> {
    const { name = null, cmd, cwd = null, tty = false, size = DEFAULT_SIZE, keep = false, keepAwake = false, restart = keep ? 'on-failure' : 'never' } = body
    const variables = await variablesOf(projectId)
    const command = planCommand(body, {
      BERTH_PROCESS: id, ...container.env, ...shellEnvironment, ...(tty ? terminalEnvironment : {}), ...variables
    })
    return { ...command, id, label: encodeLabel({ name, cmd, cwd, keep, keepAwake }), size: tty ? size : undefined, restart }
  }

  async function launch (project: LocatedProject, id: string, body: ProcessBody): Promise<ProcessReport> {
    return await inStarted(project, async (init, container) => await startIn(init, await plan(project.id, container, id, body)))
  }

  async function startIn (init: AgentConnection, request: StartRequest): Promise<ProcessReport> {
    try {
      return presentStarted(request, await startProcess(init, request))
    } catch (error) {
      // With PID 1 its container has gone, or the way to it: by its id it is started once all the same.
      if (error instanceof AgentLostError) throw new NotRunningError('PID 1 was lost', { cause: error })
      return await startIn(init, fallbackFor(error, request))
    }
  }

  /** Nobody waits for the start before attaching: a process can be over, and forgotten, before its start is known here. */
  async function startWith (init: AgentConnection, request: StartRequest, work: BoundWork): Promise<void> {
    const started = startProcess(init, request).then(() => undefined)
    const working = work(init, started)
    working.catch(() => undefined)
    try {
      await started
    } catch (error) {
      const other = fallbackFor(error, request)
      await working.catch(() => undefined)
      return await startWith(init, other, work)
    }
    await working
  }

  async function keep (projectId: string, body: ProcessBody & { name: string }): Promise<ServiceRow> {
    const row = await repo.add(projectId, { name: body.name, spec: body, keepsAwake: body.keepAwake === true }, SERVICES_MOST)
    if (row === 'exists') throw new errors.PROCESS_EXISTS(JSON.stringify(body.name))
    if (row === 'full') throw new errors.PROCESS_QUOTA(`${SERVICES_MOST} services`)
    return row
  }

  /** Starts those services of a running project that are not there, whoever else is doing so. */
  async function startServices (projectId: string): Promise<void> {
    const rows = await repo.list(projectId)
    if (rows.length === 0) return
    for (const { id, name, spec } of rows) {
      try {
        if (!specValidator.Check(spec)) throw new Error('what is stored of the service is not what it should be')
        await launch(unlocated(projectId), id, spec)
        log.info({ projectId, service: name }, 'service started')
      } catch (err) {
        if (!isThereAlready(err)) log.warn({ err, projectId, service: name }, 'service could not be started')
      }
    }
  }

  /** Has its tree end, and forgets it. */
  async function end (init: AgentConnection, id: string, graceMs: number): Promise<void> {
    await controlProcess(init, { id, stopMs: graceMs })
    const { output } = await findKept(init, id)
    await attachProcess(init, { id, from: output.end }).result
    await controlProcess(init, { id, forget: true })
  }

  async function endOther (init: AgentConnection, id: string): Promise<void> {
    const deadline = performance.now() + GRACE_MS
    for (let signal = SIGTERM; ;) {
      const process = (await listProcesses(init)).running.find((other) => idOfOther(other) === id)
      if (process === undefined) return
      if (performance.now() > deadline) signal = SIGKILL
      if (signal === SIGKILL || performance.now() < deadline - GRACE_MS + LOOK_MS) await killProcess(init, { ...process, signal }).catch(ignoreGone)
      await sleep(LOOK_MS)
    }
  }

  const report = async (project: LocatedProject, id: string): Promise<ProcessReport> =>
    await withInit(project, async (init, containerId) => await reportFrom(init, containerId, id))

  const control = async (project: LocatedProject, request: ControlRequest): Promise<void> => {
    touch(project.id)
    await withInit(project, async (init) => await controlProcess(init, request))
  }

  return {
    report,
    startServices,
    withInit,
    inContainer,
    findKept,
    end,

    /** Of those that run when this server starts: the one that started them may have died before it had started their services. */
    async startAllServices (): Promise<void> {
      await each(await repo.listRunningProjects(), STARTS_AT_ONCE, async (projectId) => {
        await startServices(projectId).catch((err: unknown) => log.warn({ err, projectId }, 'services could not be started'))
      })
    },

    /** One that ends when nobody has been attached for so long, and, with a terminal, with which ends what it has started. The first step of the work is to attach to it. */
    async startBound (project: LocatedProject, id: string, body: ProcessBody, work: BoundWork, { patienceMs = 0, isFirstToGo = false } = {}): Promise<{ containerId: string }> {
      return await inStarted(project, async (init, container) => {
        await startWith(init, { ...await plan(project.id, container, id, body), patienceMs, isFirstToGo }, work)
        return { containerId: container.id }
      })
    },

    /** One that has its id from elsewhere; nothing happens where it is there already. */
    async startAs (projectId: string, id: string, body: ProcessBody): Promise<void> {
      try {
        await launch(unlocated(projectId), id, body)
      } catch (error) {
        if (!isThereAlready(error)) throw error
      }
    },

    async create (project: LocatedProject, body: ProcessBody): Promise<ProcessReport> {
      planCommand(body, {})
      const { name, keep: isService = false, keepAwake = false, tty = false, size } = body
      if (isService && name === undefined) throw new errors.BAD_REQUEST('A service needs a name: give "name" with "keep"')
      if (keepAwake && !isService) throw new errors.BAD_REQUEST('Only a service can keep its project awake: give "keep" with "keepAwake"')
      if (size !== undefined && !tty) throw new errors.BAD_REQUEST('Only a terminal has a size: give "tty" with "size"')
      touch(project.id)
      const id = isService && name !== undefined ? (await keep(project.id, { ...body, name })).id : randomUUID()
      try {
        return await launch(project, id, body)
      } catch (error) {
        // Whoever has started the project has started it as well.
        if (isThereAlready(error)) return await inStarted(project, async (init, container) => await reportFrom(init, container.id, id))
        if (isService) await repo.remove(project.id, id)
        throw error
      }
    },

    /** What a socket is attached to. */
    target: async (project: LocatedProject, id: string): Promise<SocketTarget> => await withInit(project, async (init, containerId) => {
      const { output: { end } } = await findKept(init, id)
      return { containerId, process: { id, end } }
    }),

    async list ({ location: { containerId } }: LocatedProject): Promise<ProcessList> {
      if (containerId === undefined) return { processes: [], others: [], nextCursor: null }
      const found = await inContainer(containerId, find)
      return {
        processes: found.kept.map((process) => presentProcess(process, found)),
        others: found.running.filter(({ owner }) => owner === undefined).map((process): OtherProcess => presentOther(process, found)),
        nextCursor: null
      }
    },

    async remove (project: LocatedProject, id: string): Promise<void> {
      touch(project.id)
      // It shall not come back, whatever becomes of the rest.
      const wasService = isUuid(id) && await repo.remove(project.id, id)
      if (project.location.containerId === undefined && wasService) return
      await withInit(project, async (init) => {
        const { kept, running } = await listProcesses(init)
        if (kept.some((process) => process.id === id)) await end(init, id, GRACE_MS)
        else if (running.some((process) => idOfOther(process) === id)) await endOther(init, id)
        else if (!wasService) throw new errors.PROCESS_NOT_FOUND()
      })
    },

    async input (project: LocatedProject, id: string, { input, end: isEnd = false }: { input: string, end?: boolean }): Promise<void> {
      const bytes = Buffer.from(input)
      if (bytes.length > INPUT_BYTES) throw new errors.TOO_LARGE(`The input is ${bytes.length} bytes, at most ${INPUT_BYTES} are possible in one call`)
      touch(project.id)
      await withInit(project, async (init) => {
        const { state } = await findKept(init, id)
        if (state === 'ended') throw new errors.PROCESS_ENDED()
        const attachment = attachProcess(init, { id, withoutOutput: true, closesInput: isEnd })
        const deadline = setTimeout(attachment.detach, INPUT_DEADLINE_MS)
        attachment.sendInput(bytes)
        attachment.endInput()
        await attachment.result.finally(() => clearTimeout(deadline))
      })
    },

    async signal (project: LocatedProject, id: string, name: string): Promise<void> {
      if (!isSignalName(name)) throw new errors.BAD_REQUEST(`${JSON.stringify(name)} is no signal. Name one such as SIGTERM or SIGINT`)
      await control(project, { id, signal: signalNumber(name) })
    },

    resize: async (project: LocatedProject, id: string, size: { cols: number, rows: number }): Promise<void> => await control(project, { id, size }),

    async restart (project: LocatedProject, id: string): Promise<ProcessReport> {
      await control(project, { id, stopMs: GRACE_MS, restart: true })
      return await report(project, id)
    }
  }
}

/** What to start instead of what could not be. Throws where there is nothing. */
function fallbackFor (error: unknown, request: StartRequest): StartRequest {
  if (!(error instanceof AgentOperationError && error.code === ErrorCode.SPAWN)) throw error
  const other = withFallbackShell(request)
  if (other === undefined) throw new errors.PROCESS_START_FAILED(error.message)
  return other
}

function isSignalName (name: string): name is SignalName {
  return (signalNames as readonly string[]).includes(name)
}

function isThereAlready (error: unknown): boolean {
  return error instanceof AgentOperationError && error.code === ErrorCode.EXISTS
}

function ignoreGone (error: unknown): void {
  if (!(error instanceof AgentOperationError && error.code === ErrorCode.NOT_FOUND)) throw error
}

function translate (error: unknown): unknown {
  const withCause = (translated: Error): Error => Object.assign(translated, { cause: error })
  if (error instanceof NotRunningError) return withCause(new errors.PROJECT_STOPPED())
  if (error instanceof AgentLostError) return withCause(new errors.SANDBOX_LOST())
  if (error instanceof NoInitError) return withCause(new errors.PROJECT_OUTDATED())
  if (error instanceof AgentProtocolError) return withCause(new errors.RUN_FAILED())
  if (!(error instanceof AgentOperationError)) return error
  if (error.code === ErrorCode.EXISTS) return error
  if (error.message.startsWith('working directory')) return withCause(new errors.BAD_PATH('given as "cwd"', 'is no directory of the project'))
  return withCause(reasons[error.code]?.() ?? new errors.RUN_FAILED())
}

const reasons: Partial<Record<AgentOperationError['code'], () => Error>> = {
  [ErrorCode.NOT_FOUND]: () => new errors.PROCESS_NOT_FOUND(),
  [ErrorCode.PRECONDITION]: () => new errors.PROCESS_ENDED(),
  [ErrorCode.SPECIAL]: () => new errors.BAD_REQUEST('The process has no terminal, and so no size'),
  [ErrorCode.BUSY]: () => new errors.PROCESS_QUOTA('64 processes at work'),
  [ErrorCode.CANCELLED]: () => new errors.PROCESS_NOT_READING()
}
