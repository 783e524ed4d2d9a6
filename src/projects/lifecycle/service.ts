import type { ContainerInspect, DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { removeWorkspace } from '../../sandbox/files-sandbox.ts'
import { findProjectContainer, removeProjectContainer, stopProjectContainer } from '../../sandbox/project-sandbox.ts'
import { LeaseLostError, type Lease, type Leases } from './lease.ts'
import type { LifecycleRepo, Operation } from './repo.ts'
import { explainEnd, interruptedStart, settle, type ContainerEnd } from './settle.ts'
import { describeStartFailure } from './start-failure.ts'
import { startProject, type StartContext } from './start.ts'
import { nextStep, type Intent } from './transitions.ts'
import { createTurns } from './turns.ts'

/** How long a caller waits for others at work on the project: a stop alone may take ten seconds. */
const TURN_DEADLINE_MS = 60_000
/** Another server's progress is seen this late at most. */
const LOOK_AGAIN_MS = 100

export interface LifecycleLog {
  readonly info: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface Lifecycle {
  /** Resolves with a container that runs. Of many callers one makes it. */
  readonly start: (projectId: string) => Promise<ContainerInspect>
  readonly stop: (projectId: string) => Promise<void>
  /** Stops it if it has not been active for so long, and nobody is at work on it. */
  readonly stopIdle: (projectId: string, idleMs: number) => Promise<boolean>
  /** Container, volume and row go. The project must have been marked as deleted. */
  readonly remove: (projectId: string) => Promise<void>
  /** Makes the row and the container agree, unless somebody is at work on them. */
  readonly settle: (projectId: string) => Promise<void>
  /** Resolves when nothing is under way on this server. */
  readonly drain: () => Promise<void>
}

export function createLifecycle ({ docker, repo, leases, startContext, onStopping, log }: {
  docker: DockerClient
  repo: LifecycleRepo
  leases: Leases
  startContext: StartContext
  /** Before this server ends a container: what it has running in there should come to its end. */
  onStopping: (containerId: string) => void
  log: LifecycleLog
}): Lifecycle {
  const turns = createTurns()
  const underWay = new Set<Promise<unknown>>()
  const { onStep } = startContext

  /** Does the work when it is this caller's turn. Undefined when there was nothing to do. */
  async function advance<T> (projectId: string, intent: Intent, work: (lease: Lease) => Promise<T>): Promise<T | undefined> {
    const deadline = performance.now() + TURN_DEADLINE_MS
    let hasWaitedForStart = false
    while (performance.now() < deadline) {
      const project = await repo.find(projectId)
      const step = nextStep(project, intent, hasWaitedForStart)
      if (step === 'done') return undefined
      if (step === 'gone') throw new errors.PROJECT_NOT_FOUND()
      if (step === 'failed') throw new errors.PROJECT_START_FAILED(project?.error ?? '')
      if (step === 'claim') {
        const outcome = await perform(projectId, { operation: intent }, work)
        if (outcome !== undefined) return outcome.value
      } else {
        hasWaitedForStart ||= project?.operation === 'start'
        await turns.waitForChange(projectId, LOOK_AGAIN_MS)
      }
    }
    throw new errors.PROJECT_BUSY()
  }

  async function perform<T> (projectId: string, claim: { operation: Operation, idleMs?: number }, work: (lease: Lease) => Promise<T>): Promise<{ value: T } | undefined> {
    const performing = leases.withLease(projectId, claim, work)
    underWay.add(performing)
    try {
      return await performing
    } finally {
      underWay.delete(performing)
      turns.changed(projectId)
    }
  }

  async function startUnderLease (lease: Lease): Promise<ContainerInspect> {
    const { id, runtime } = lease.project
    try {
      const container = await startProject(startContext, lease)
      log.info({ projectId: id, containerId: container.Id }, 'project started')
      return container
    } catch (error) {
      if (error instanceof LeaseLostError) throw await describeLoss(id, error)
      startContext.forgetEngine()
      const { reason, thrown } = describeStartFailure(error, runtime)
      await repo.finishRest(id, lease.token, { status: 'error', error: reason })
      throw thrown
    }
  }

  async function describeLoss (projectId: string, cause: LeaseLostError): Promise<Error> {
    const project = await repo.find(projectId)
    const isGone = project === undefined || project.isDeleted
    return Object.assign(isGone ? new errors.PROJECT_NOT_FOUND() : new errors.PROJECT_BUSY(), { cause })
  }

  async function stopUnderLease ({ project: { id }, token, signal }: Lease): Promise<void> {
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

  async function removeUnderLease ({ project: { id }, token, signal }: Lease): Promise<void> {
    onStep('delete:claimed', id)
    const container = await findProjectContainer(docker, id, { signal })
    if (container !== undefined) {
      onStopping(container.Id)
      await removeProjectContainer(docker, container.Id, { signal })
    }
    onStep('delete:container-removed', id)
    await removeWorkspace(docker, id, { signal })
    onStep('delete:volume-removed', id)
    await repo.remove(id, token)
    log.info({ projectId: id }, 'project deleted')
  }

  async function settleUnderLease (lease: Lease): Promise<void> {
    const { project, token, signal } = lease
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
      log.info({ projectId: project.id, was: project.status, error }, 'project put to rest')
    }
  }

  return {
    async start (projectId) {
      for (;;) {
        const started = await advance(projectId, 'start', startUnderLease)
        if (started !== undefined) return started
        const container = await findProjectContainer(docker, projectId)
        if (container?.State.Running === true) return container
        // The row says that it runs, the Engine that it does not.
        await perform(projectId, { operation: 'settle' }, settleUnderLease)
      }
    },
    async stop (projectId) {
      await advance(projectId, 'stop', stopUnderLease)
    },
    async stopIdle (projectId, idleMs) {
      return await perform(projectId, { operation: 'stop', idleMs }, stopUnderLease) !== undefined
    },
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

function explain (cause: 'container_ended' | 'start_interrupted' | undefined, container: ContainerInspect | undefined): string | null {
  if (cause === undefined) return null
  return cause === 'start_interrupted' ? interruptedStart : explainEnd(container === undefined ? undefined : endOf(container))
}

function endOf ({ State }: ContainerInspect): ContainerEnd {
  return { exitCode: State.ExitCode, isOomKilled: State.OOMKilled }
}
