import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '../../errors.ts'
import { signalNames, signalNumber, type SignalName } from '../../lib/signals.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { listPorts } from '../../sandbox/agent-client/ports.ts'
import { attachProcess, controlProcess, killProcess, listProcesses, startProcess } from '../../sandbox/agent-client/processes.ts'
import { ErrorCode, type ControlRequest, type KeptProcess, type StartRequest } from '../../sandbox/agent-protocol.ts'
import { NotRunningError } from '../../sandbox/project-agent.ts'
import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import { planCommand, shellEnvironment, withFallbackShell } from '../core/command.ts'
import { unlocated, type LocatedProject, type RunningContainer } from '../core/running.ts'
import { ignoreGone, isThereAlready } from './failures.ts'
import type { Inits } from './inits.ts'
import { encodeLabel, idOfOther, presentOther, presentProcess, presentStarted, type Found } from './present.ts'
import { INPUT_BYTES, type OtherProcess, type ProcessBody, type ProcessList, type ProcessReport } from './schemas.ts'
import type { SocketTarget } from './sockets/stream.ts'
import type { ServiceBook } from './services.ts'

const DEFAULT_SIZE = { cols: 80, rows: 24 }
const terminalEnvironment = { TERM: 'xterm-256color', COLORTERM: 'truecolor' }
/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000
const LOOK_MS = 50
/** For a process that does not read what it is given. */
const INPUT_DEADLINE_MS = 10_000
const SIGTERM = 15
const SIGKILL = 9

export interface ProcessServiceOptions {
  readonly inits: Inits
  /** An agent beside PID 1, which knows what listens. */
  readonly agents: SharedAgents
  readonly services: ServiceBook
  readonly variablesOf: (projectId: string) => Promise<Record<string, string>>
  readonly touch: (projectId: string) => void
}

/** Whether the process has been started is known later. */
export type BoundWork = (init: AgentConnection, started: Promise<void>) => Promise<void>

export type ProcessService = ReturnType<typeof createProcessService>

/** Processes of projects, kept by PID 1 of their containers: they outlive connections and servers. */
export function createProcessService ({ inits, agents, services, variablesOf, touch }: ProcessServiceOptions) {
  const { withInit, inContainer, inStarted } = inits

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
    withInit,
    inContainer,
    findKept,
    end,

    /** One that ends when nobody has been attached for so long, and, with a terminal, with which ends what it has started. The first step of the work is to attach to it. */
    async startBound (project: LocatedProject, id: string, body: ProcessBody, work: BoundWork, { patienceMs = 0, isFirstToGo = false } = {}): Promise<{ containerId: string }> {
      return await inStarted(project, async (init, container) => {
        await startWith(init, { ...await plan(project.id, container, id, body), patienceMs, isFirstToGo }, work)
        return { containerId: container.id }
      })
    },

    /** One that has its id from elsewhere. Resolves with whether it was not there yet. */
    startAs: async (projectId: string, id: string, body: ProcessBody): Promise<boolean> => {
      try {
        await launch(unlocated(projectId), id, body)
        return true
      } catch (error) {
        if (!isThereAlready(error)) throw error
        return false
      }
    },

    async create (project: LocatedProject, body: ProcessBody): Promise<ProcessReport> {
      planCommand(body, {})
      const { name, keep: isService = false, keepAwake = false, tty = false, size } = body
      if (isService && name === undefined) throw new errors.BAD_REQUEST('A service needs a name: give "name" with "keep"')
      if (keepAwake && !isService) throw new errors.BAD_REQUEST('Only a service can keep its project awake: give "keep" with "keepAwake"')
      if (size !== undefined && !tty) throw new errors.BAD_REQUEST('Only a terminal has a size: give "tty" with "size"')
      touch(project.id)
      const id = isService && name !== undefined ? await services.add(project.id, { ...body, name }) : randomUUID()
      try {
        return await launch(project, id, body)
      } catch (error) {
        // Whoever has started the project has started it as well.
        if (isThereAlready(error)) return await inStarted(project, async (init, container) => await reportFrom(init, container.id, id))
        if (isService) await services.remove(project.id, id)
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
      const wasService = isUuid(id) && await services.remove(project.id, id)
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
