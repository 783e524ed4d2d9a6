import { isDockerError, type ContainerInspect, type DockerClient } from '../../docker/index.ts'
import { LeaseLostError } from '../../leases/lease.ts'
import type { ProjectSandboxSpec } from '../../sandbox/container-spec.ts'
import { openProjectAgent } from '../../sandbox/project-agent.ts'
import { createProjectContainer, removeProjectContainer, type CreatedContainer } from '../../sandbox/project-sandbox.ts'
import type { Volumes } from './volumes/volumes.ts'
import type { LifecycleProject, LifecycleRepo, ProjectLease } from './repo.ts'
import type { OnStep } from './steps.ts'

export interface StartContext {
  readonly docker: DockerClient
  readonly repo: LifecycleRepo
  readonly volumes: Pick<Volumes, 'createOn' | 'ensureReady'>
  readonly onStep: OnStep
  /** What the project's container is to be; the network is made on the way. */
  readonly specOf: (project: LifecycleProject) => Promise<ProjectSandboxSpec>
  /** A container runs, in which somebody is about to do something. */
  readonly onRunning: (containerId: string) => void
  /** After a failure: what was known of the Engine may not hold any more. */
  readonly forgetEngine: () => void
}

/** The container ended before the project was up. */
export class EndedEarlyError extends Error {
  override readonly name = 'EndedEarlyError'
}

/** Creates and starts the container, with what the project's volume has to hold in place. On failure nothing of it is left, unless the Engine is gone: then the reconciler finds it by its labels. */
export async function startProject (context: StartContext, lease: ProjectLease): Promise<ContainerInspect> {
  const { docker, repo, volumes, onStep, onRunning } = context
  const { subject: { id }, token, signal } = lease
  onStep('start:claimed', id)
  const { needsFilling, created: { containerId, image, handOver } } = await volumes.createOn(id, async (isNew) => await createContainer(context, lease, isNew), signal)
  try {
    onStep('start:created', id)
    if (!await repo.recordContainer(id, token, { containerId, image })) throw new LeaseLostError('the lease was lost')
    onStep('start:recorded', id)
    await startContainer(context, lease, containerId)
    onStep('start:started', id)
    onRunning(containerId)
    const [container] = await Promise.all([
      docker.containers.inspect(containerId, { signal }),
      needsFilling ? fillVolume(context, lease, { containerId, handOver }) : undefined
    ])
    if (!container.State.Running) throw new EndedEarlyError(`the container ended with ${container.State.ExitCode}`)
    onStep('start:filled', id)
    if (!await repo.finishStart(id, token, { containerId, previewHostPort: previewHostPort(container) })) {
      throw new LeaseLostError('the project was deleted, or its lease was lost')
    }
    return container
  } catch (error) {
    await handOver.done.catch(() => undefined)
    await removeProjectContainer(docker, containerId).catch((cause: unknown) => {
      if (!isDockerError(cause)) throw cause
    })
    throw error
  }
}

async function createContainer (context: StartContext, lease: ProjectLease, isNew: boolean): Promise<CreatedContainer & { image: string }> {
  const spec = await context.specOf(lease.subject)
  return { ...await createProjectContainer(context.docker, { spec, isNew }, { signal: lease.signal }), image: spec.image }
}

async function startContainer (context: StartContext, lease: ProjectLease, containerId: string): Promise<void> {
  const { docker, specOf, forgetEngine } = context
  const start = async () => await docker.containers.start(containerId, { signal: lease.signal })
  await start().catch(async (error: unknown) => {
    if (!isDockerError(error, 'not_found')) throw error
    // Another server on this database has just removed the network, in which it saw nobody.
    forgetEngine()
    await specOf(lease.subject)
    await start()
  })
}

async function fillVolume ({ docker, volumes }: StartContext, { subject, signal }: ProjectLease, { containerId, handOver }: CreatedContainer): Promise<void> {
  const agent = await openProjectAgent(docker, containerId)
  // Whatever it is doing when the lease is lost ends there, since not every operation takes a signal.
  const close = (): void => agent.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    signal.throwIfAborted()
    await handOver.done
    await volumes.ensureReady(subject.id, agent, signal)
  } finally {
    signal.removeEventListener('abort', close)
    agent.close()
  }
}

/** Undefined ports are those of a sandbox without a network. */
function previewHostPort ({ NetworkSettings }: ContainerInspect): number | null {
  const [binding] = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? [])
  return binding?.HostPort === undefined ? null : Number(binding.HostPort)
}
