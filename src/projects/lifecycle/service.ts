import { isDockerError, type ContainerInspect, type DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { LeaseLostError, type Leases } from '../../leases/lease.ts'
import { createTurns } from '../../leases/turns.ts'
import { removeWorkspace } from '../../sandbox/workspace.ts'
import { SupersededError, findProjectContainer, removeProjectContainer, stopProjectContainer } from '../../sandbox/project-sandbox.ts'
import type { Activity } from './activity.ts'
import { mostOfOwner, StartRefusedError, type AdmissionLimits } from './admission.ts'
import type { LifecycleClaim, LifecycleProject, LifecycleRepo, ProjectLease } from './repo.ts'
import { explainEnd, interruptedStart, settle, type ContainerEnd } from './settle.ts'
import { describeStartFailure } from './start-failure.ts'
import { startProject, type StartContext } from './start.ts'
import { nextStep, type Intent } from './transitions.ts'

/** How long a caller waits for others at work on the project: a stop alone may take ten seconds. */
const TURN_DEADLINE_MS = 60_000
/** Another server's progress is seen this late at most. */
const POLL_INTERVAL_MS = 100
/** A project in which nothing was done for so long may be stopped for another of its owner. */
const EXPENDABLE_MS = 60_000

/** A container that ends whenever it has been found to run is not for its caller to wait for. */
const START_ATTEMPTS = 5

export interface LifecycleLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface LifecycleService {
  /** Resolves with a container that runs. Of many callers one makes it. */
  readonly start: (projectId: string) => Promise<ContainerInspect>
  readonly stop: (projectId: string) => Promise<void>
  /** Ends the container at once, whoever is at work on the project, and says why. */
  readonly halt: (project: { projectId: string, containerId: string }, reason: string) => Promise<void>
  /** Stops it if it has not been active for so long, and nobody is at work on it. */
  readonly stopIdle: (projectId: string, idleMs: number) => Promise<boolean>
  /** Container, volume and row go. The project must have been marked as deleted. */
  readonly remove: (projectId: string) => Promise<void>
  /** Makes the row and the container agree, unless somebody is at work on them. */
  readonly settle: (projectId: string) => Promise<void>
  /** Resolves when nothing is under way on this server. */
  readonly drain: () => Promise<void>
}

export function createLifecycle ({ docker, repo, instanceId, leases, ensureEngine, startContext, admit, admissionLimits, isBusy, activity, describeBuild, onStopping, onStarted, log }: {
  docker: DockerClient
  repo: LifecycleRepo
  /** What carries another one is not ours. */
  instanceId: string
  leases: Leases<LifecycleClaim, LifecycleProject>
  /** Throws while the Engine is not the one of the database's projects. */
  ensureEngine: () => Promise<void>
  startContext: StartContext
  /** Before a start: throws where the project, or the server's disk, is too full for one. */
  admit: (projectId: string) => Promise<void>
  /** How many projects may run. */
  admissionLimits: () => Promise<AdmissionLimits>
  /** Whether something is at work in a project without a word: a running one is idle only if nothing is. */
  isBusy: (projectId: string, idleMs: number) => Promise<boolean>
  activity: Pick<Activity, 'touch' | 'flush'>
  /** How far the build of a language's image is, for a sentence. */
  describeBuild: (language: string) => string
  /** Before this server ends a container: what it has running in there should come to its end. */
  onStopping: (containerId: string) => void
  onStarted: (projectId: string) => void
  log: LifecycleLog
}): LifecycleService {
  const turns = createTurns()
  const underWay = new Set<Promise<unknown>>()
  const { onStep } = startContext

  /** Does the work when it is this caller's turn. Undefined when there was nothing to do. */
  async function advance<T> (projectId: string, intent: Intent, work: (lease: ProjectLease) => Promise<T>): Promise<T | undefined> {
    const deadline = performance.now() + TURN_DEADLINE_MS
    let hasWaitedForStart = false
    while (performance.now() < deadline) {
      const project = await repo.find(projectId)
      const step = nextStep(project, intent, hasWaitedForStart)
      if (step === 'done') return undefined
      if (step === 'gone') throw new errors.PROJECT_NOT_FOUND()
      if (step === 'failed') throw new errors.PROJECT_START_FAILED(project?.error ?? '')
      if (step === 'claim') {
        const outcome = await perform(projectId, await claimOf(projectId, intent), work)
        if (outcome !== undefined) return outcome.value
      } else {
        hasWaitedForStart ||= project?.operation === 'start'
        await turns.waitForChange(projectId, POLL_INTERVAL_MS)
      }
    }
    throw new errors.PROJECT_BUSY()
  }

  async function claimOf (projectId: string, intent: Intent): Promise<LifecycleClaim> {
    if (intent !== 'start') return { operation: intent }
    await admit(projectId)
    return { operation: intent, admission: await admissionLimits() }
  }

  /** Where there is no room, idle projects of the same owner make some, one after the other. */
  async function startWithRoom (projectId: string): Promise<ContainerInspect | undefined> {
    for (;;) {
      try {
        return await advance(projectId, 'start', startUnderLease)
      } catch (error) {
        if (!(error instanceof StartRefusedError)) throw error
        if (!await makeRoom(projectId)) throw await describeRefusal(error)
      }
    }
  }

  async function makeRoom (projectId: string): Promise<boolean> {
    // What was done on this server must have been told before a project is stopped for another.
    await activity.flush()
    for (const id of await repo.listIdlest(projectId, EXPENDABLE_MS)) {
      if (!await stopIdle(id, EXPENDABLE_MS)) continue
      log.info({ projectId: id, for: projectId }, 'idle project stopped to make room for another of its owner')
      return true
    }
    return false
  }

  /** False if it has turned out not to be idle. */
  async function stopIdle (projectId: string, idleMs: number): Promise<boolean> {
    if (await isBusy(projectId, idleMs).catch(() => false)) {
      activity.touch(projectId)
      return false
    }
    return await perform(projectId, { operation: 'stop', idleMs }, stopUnderLease) !== undefined
  }

  async function describeRefusal ({ refusal, most }: StartRefusedError): Promise<Error> {
    if (refusal === 'host') return new errors.HOST_FULL()
    return new errors.RUNNING_QUOTA(most, Math.floor(mostOfOwner(await admissionLimits())))
  }

  async function perform<T> (projectId: string, claim: LifecycleClaim, work: (lease: ProjectLease) => Promise<T>): Promise<{ value: T } | undefined> {
    await ensureEngine()
    const performing = leases.withLease(projectId, claim, work)
    underWay.add(performing)
    try {
      return await performing
    } finally {
      underWay.delete(performing)
      turns.changed(projectId)
    }
  }

  async function startUnderLease (lease: ProjectLease): Promise<ContainerInspect> {
    const { id, runtime } = lease.subject
    try {
      const container = await startProject(startContext, lease)
      onStarted(id)
      log.info({ projectId: id, containerId: container.Id }, 'project started')
      return container
    } catch (error) {
      if (isLoss(error, lease)) throw await describeLoss(id, error)
      startContext.forgetEngine()
      const { reason, thrown } = describeStartFailure(error, runtime, describeBuild)
      await repo.finishRest(id, lease.token, { status: 'error', error: reason })
      throw thrown
    }
  }

  async function describeLoss (projectId: string, cause: unknown): Promise<Error> {
    const project = await repo.find(projectId)
    const isGone = project === undefined || project.isDeleted
    return Object.assign(isGone ? new errors.PROJECT_NOT_FOUND() : new errors.PROJECT_BUSY(), { cause })
  }

  async function stopUnderLease ({ subject: { id }, token, signal }: ProjectLease): Promise<void> {
    onStep('stop:claimed', id)
    const container = await findProjectContainer(docker, id, { signal })
    if (container !== undefined) {
      onStopping(container.Id)
      await stopProjectContainer(docker, container.Id, { signal })
      onStep('stop:stopped', id)
      await removeProjectContainer(docker, container.Id, { signal })
    }
    onStep('stop:removed', id)
    await repo.finishRest(id, token, { status: 'stopped', error: null })
    log.info({ projectId: id }, 'project stopped')
  }

  async function haltUnderLease ({ subject: { id }, token, signal }: ProjectLease, reason: string): Promise<void> {
    const container = await findProjectContainer(docker, id, { signal })
    if (container !== undefined) await removeProjectContainer(docker, container.Id, { signal })
    await repo.finishRest(id, token, { status: 'stopped', error: reason })
  }

  async function removeUnderLease ({ subject: { id }, token, signal }: ProjectLease): Promise<void> {
    onStep('delete:claimed', id)
    const container = await findProjectContainer(docker, id, { signal })
    if (container !== undefined) {
      onStopping(container.Id)
      await removeProjectContainer(docker, container.Id, { signal })
    }
    onStep('delete:container-removed', id)
    await removeWorkspace(docker, { projectId: id, instanceId }, { signal })
    onStep('delete:volume-removed', id)
    await repo.remove(id, token)
    log.info({ projectId: id }, 'project deleted')
  }

  async function settleUnderLease (lease: ProjectLease): Promise<void> {
    const { subject: project, token, signal } = lease
    const container = await findProjectContainer(docker, project.id, { signal })
    const settlement = settle(project, container === undefined ? undefined : { isRunning: container.State.Running })
    if (settlement.kind === 'delete') {
      await removeUnderLease(lease)
    } else if (settlement.kind === 'keep') {
      await repo.release(project.id, token)
    } else {
      if (container !== undefined) await removeProjectContainer(docker, container.Id, { signal })
      const error = explain(settlement.cause, container)
      await repo.finishRest(project.id, token, { status: settlement.status, error: error ?? project.error })
      log.info({ projectId: project.id, was: project.status, error }, 'project marked as stopped')
    }
  }

  return {
    async start (projectId) {
      for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
        const started = await startWithRoom(projectId)
        if (started !== undefined) return started
        const container = await findProjectContainer(docker, projectId)
        if (container?.State.Running === true) return container
        // The row says that it runs, the Engine that it does not.
        await perform(projectId, { operation: 'settle' }, settleUnderLease)
      }
      throw new errors.PROJECT_BUSY()
    },
    async stop (projectId) {
      await advance(projectId, 'stop', stopUnderLease)
    },
    async halt ({ projectId, containerId }, reason) {
      onStopping(containerId)
      try {
        const halted = await perform(projectId, { operation: 'stop' }, async (lease) => await haltUnderLease(lease, reason))
        if (halted === undefined) await docker.containers.kill(containerId)
      } catch (error) {
        // The database may be away because its disk is full: what fills it ends all the same.
        await docker.containers.kill(containerId).catch((cause: unknown) => { if (!isDockerError(cause, 'not_found')) throw cause })
        throw error
      }
    },
    stopIdle,
    async remove (projectId) {
      onStep('delete:marked', projectId)
      await advance(projectId, 'delete', removeUnderLease)
    },
    async settle (projectId) {
      await perform(projectId, { operation: 'settle' }, settleUnderLease)
    },
    async drain () {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    }
  }
}

/** Also what was cut off when the lease was lost, whatever it was. */
function isLoss (error: unknown, { signal }: ProjectLease): boolean {
  return signal.aborted || error instanceof LeaseLostError || error instanceof SupersededError
}

function explain (cause: 'container_ended' | 'start_interrupted' | undefined, container: ContainerInspect | undefined): string | null {
  if (cause === undefined) return null
  return cause === 'start_interrupted' ? interruptedStart : explainEnd(container === undefined ? undefined : endOf(container))
}

function endOf ({ State }: ContainerInspect): ContainerEnd {
  return { exitCode: State.ExitCode, isOomKilled: State.OOMKilled }
}
