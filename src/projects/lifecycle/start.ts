import { isDockerError, type ContainerInspect, type DockerClient } from '../../docker/index.ts'
import type { PlannedFile } from '../../programs/source-files.ts'
import type { ProjectSandboxSpec } from '../../sandbox/container-spec.ts'
import { putFile } from '../../sandbox/agent-client/operations.ts'
import { openProjectAgent } from '../../sandbox/project-agent.ts'
import { createProjectContainer, removeProjectContainer } from '../../sandbox/project-sandbox.ts'
import { LeaseLostError, type Lease } from './lease.ts'
import type { LifecycleProject, LifecycleRepo } from './repo.ts'
import type { OnStep } from './steps.ts'

export interface StartContext {
  readonly docker: DockerClient
  readonly repo: LifecycleRepo
  readonly onStep: OnStep
  /** What the project's container is to be; the network is made on the way. */
  readonly specOf: (project: LifecycleProject) => Promise<ProjectSandboxSpec>
  /** After a failure: what was known of the Engine may not hold any more. */
  readonly forgetEngine: () => void
}

/** The container ended before the project was up. */
export class EndedEarlyError extends Error {
  override readonly name = 'EndedEarlyError'
}

/** Creates and starts the container, with the project's first files in place. On failure nothing of it is left, unless the Engine is gone: then the reconciler finds it by its labels. */
export async function startProject (context: StartContext, lease: Lease): Promise<ContainerInspect> {
  const { docker, repo, onStep } = context
  const { project: { id }, token, signal } = lease
  onStep('start:claimed', id)
  const { containerId, image } = await createContainer(context, lease)
  try {
    onStep('start:created', id)
    if (!await repo.recordContainer(id, token, { containerId, image })) throw new LeaseLostError('the lease of the project was lost')
    onStep('start:recorded', id)
    await startContainer(context, lease, containerId)
    onStep('start:started', id)
    const [container] = await Promise.all([docker.containers.inspect(containerId, { signal }), placeFiles(context, id, containerId)])
    if (!container.State.Running) throw new EndedEarlyError(`the container ended with ${container.State.ExitCode}`)
    onStep('start:filled', id)
    if (!await repo.finishStart(id, token, { containerId, previewHostPort: previewHostPort(container) })) {
      throw new LeaseLostError('the project was deleted, or its lease was lost')
    }
    return container
  } catch (error) {
    await removeProjectContainer(docker, containerId).catch((cause: unknown) => {
      if (!isDockerError(cause)) throw cause
    })
    throw error
  }
}

async function createContainer (context: StartContext, lease: Lease): Promise<{ containerId: string, image: string }> {
  const spec = await context.specOf(lease.project)
  return { containerId: await createProjectContainer(context.docker, spec, { signal: lease.signal }), image: spec.image }
}

async function startContainer (context: StartContext, lease: Lease, containerId: string): Promise<void> {
  const { docker, specOf, forgetEngine } = context
  const start = async () => await docker.containers.start(containerId, { signal: lease.signal })
  await start().catch(async (error: unknown) => {
    if (!isDockerError(error, 'not_found')) throw error
    // Another server on this database has just removed the network, in which it saw nobody.
    forgetEngine()
    await specOf(lease.project)
    await start()
  })
}

/** What was given at creation goes into the volume, once. */
async function placeFiles ({ docker, repo }: StartContext, projectId: string, containerId: string): Promise<void> {
  const files = await repo.pendingFiles(projectId)
  if (files.length === 0) return
  const agent = await openProjectAgent(docker, containerId)
  try {
    await Promise.all(files.map(async ({ path, content }: PlannedFile) => await putFile(agent, path, content)))
  } finally {
    agent.close()
  }
  await repo.dropFiles(projectId)
}

/** Undefined ports are those of a sandbox without a network. */
export function previewHostPort ({ NetworkSettings }: ContainerInspect): number | null {
  const [binding] = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? [])
  return binding?.HostPort === undefined ? null : Number(binding.HostPort)
}
