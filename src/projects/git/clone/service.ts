import type { ContainerInspect, DockerClient } from '../../../docker/index.ts'
import { errors } from '../../../errors.ts'
import { createFairQueue } from '../../../lib/fair-queue.ts'
import { createLoop } from '../../../lib/loop.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { wasOomKilled } from '../../../sandbox/oom.ts'
import { openProjectAgent } from '../../../sandbox/project-agent.ts'
import { parseEnvironment } from '../../../sandbox/environment.ts'
import type { Lease, Leases } from '../../../leases/lease.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import { cloneInto, type CloneLimits } from './clone.ts'
import { CONTAINER_ENDED, CloneFailedError, describeFailure } from './failure.ts'
import type { CloneProgress } from './progress.ts'
import type { CloneOutcome, CloneRepo, ClonedProject } from './repo.ts'
import { discard } from './staging.ts'

const CLONES_AT_ONCE = 4

export interface CloneOptions {
  readonly docker: DockerClient
  readonly repo: CloneRepo
  readonly leases: Leases<object, ClonedProject>
  readonly limits: CloneLimits
  /** Between two looks for clones that nobody is at work on. */
  readonly roundMs: number
  /** Resolves with a container that runs. */
  readonly start: (projectId: string) => Promise<ContainerInspect>
  /** The project is active until the returned function is called. */
  readonly hold: (projectId: string) => () => void
  /** Aborted when the container is about to end. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  /** Works on the project's files, whether it runs or not. */
  readonly withAgent: (projectId: string, work: (agent: AgentConnection, signal: AbortSignal) => Promise<void>) => Promise<void>
  /** Tells whoever looks at the project. */
  readonly announce: (projectId: string, progress: CloneProgress) => void
  readonly log: { info: (fields: object, message: string) => void, warn: (fields: object, message: string) => void }
}

export interface Clones {
  /** Clones, in the background, what the project is from. */
  readonly begin: (projectId: string) => void
  /** Goes on with clones whose server has died, or that could not begin, now and then. */
  readonly start: () => void
  /** Ends what is under way: it is begun anew by the next server. */
  readonly close: () => Promise<void>
}

export function createClones ({ docker, repo, leases, limits, roundMs, start, hold, stoppingSignal, withAgent, announce, log }: CloneOptions): Clones {
  const closing = new AbortController()
  const underWay = new Set<Promise<void>>()
  const waiting = new Set<string>()
  const queue = createFairQueue({ concurrency: CLONES_AT_ONCE, perOwner: 1, capacity: Infinity })

  async function cloneUnderLease ({ subject: project, token, signal }: Lease<ClonedProject>): Promise<void> {
    const { id } = project
    announce(id, { stage: 'starting', percent: null, message: 'Starting the project' })
    const outcome = await attempt(project, joinSignals(signal, closing.signal))
    if (outcome.status === 'failed') await tidyUp(id)
    if (!await repo.finish(id, token, outcome)) return
    log.info({ projectId: id, status: outcome.status }, 'clone ended')
    announce(id, outcome.status === 'ready'
      ? { stage: 'ready', percent: 100, message: 'The repository is in the project' }
      : { stage: 'failed', percent: null, message: outcome.error })
  }

  /** Throws what another attempt may not meet again. */
  async function attempt (project: ClonedProject, signal: AbortSignal): Promise<CloneOutcome> {
    const release = hold(project.id)
    try {
      return { status: 'ready', commit: await cloneIn(await start(project.id), project, signal) }
    } catch (error) {
      const failure = signal.aborted ? undefined : describeFailure(error)
      if (failure === undefined) throw error
      return { status: 'failed', error: failure }
    } finally {
      release()
    }
  }

  /** With an agent of its own: each runs one program at a time. */
  async function cloneIn ({ Id, Config }: ContainerInspect, project: ClonedProject, signal: AbortSignal): Promise<string | null> {
    const agent = await openProjectAgent(docker, Id)
    const stopping = stoppingSignal(Id)
    const sandbox = { agent, wasOomKilled: async () => await wasOomKilled(docker, Id), env: parseEnvironment(Config.Env ?? []) }
    const onProgress = (progress: CloneProgress): void => announce(project.id, progress)
    try {
      return await cloneInto(sandbox, project, { limits, onProgress }, joinSignals(signal, stopping))
    } catch (error) {
      // Nothing that begins by itself may start what somebody has stopped.
      throw stopping.aborted ? new CloneFailedError(CONTAINER_ENDED) : error
    } finally {
      agent.close()
    }
  }

  async function tidyUp (projectId: string): Promise<void> {
    await withAgent(projectId, discard).catch((err: unknown) => {
      if (!(err instanceof errors.PROJECT_NOT_FOUND)) log.warn({ err, projectId }, 'what is left of a clone could not be removed')
    })
  }

  function begin (projectId: string): void {
    if (waiting.has(projectId)) return
    waiting.add(projectId)
    const working = queue.run(projectId, async () => await leases.withLease(projectId, {}, cloneUnderLease), closing.signal).then(() => undefined, (err: unknown) => {
      if (!closing.signal.aborted) log.warn({ err, projectId }, 'clone interrupted')
    })
    underWay.add(working)
    void working.then(() => {
      underWay.delete(working)
      waiting.delete(projectId)
    })
  }

  const loop = createLoop({
    intervalMs: roundMs,
    onError: (err) => log.warn({ err }, 'clones that wait could not be listed'),
    work: async () => (await repo.listWaiting()).forEach(begin)
  })

  return {
    begin,
    start: loop.start,
    async close () {
      closing.abort(new Error('the server is stopping'))
      await loop.stop()
      await Promise.all(underWay)
    }
  }
}
