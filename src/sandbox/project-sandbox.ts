import { isDockerError, type CallOptions, type ContainerInspect, type DockerClient } from '../docker/index.ts'
import { SandboxError } from './attached-sandbox.ts'
import { projectContainerName, projectSandboxBody, projectVolumeName, type ProjectSandboxSpec } from './container-spec.ts'
import { labels } from './labels.ts'
import { checkWorkspace, makeWorkspace, type HandOver } from './workspace.ts'

/** The container of a project, whatever its state; undefined if there is none, or if it is on its way out. */
export async function findProjectContainer (docker: DockerClient, projectId: string, options?: CallOptions): Promise<ContainerInspect | undefined> {
  // The second name is what an older version has given to containers that may still run; volumes have it to this day.
  for (const name of [projectContainerName(projectId), projectVolumeName(projectId)]) {
    try {
      const container = await docker.containers.inspect(name, options)
      return container.State.Status === 'removing' ? undefined : container
    } catch (error) {
      if (!isDockerError(error, 'not_found')) throw error
    }
  }
  return undefined
}

/** The name is taken by what a later lease has made: ours has been lost. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError'
}

export interface CreatedContainer {
  readonly containerId: string
  /** Of a new volume to its user, without whom it can be started all the same. */
  readonly handOver: HandOver
}

const NOTHING: HandOver = { done: Promise.resolve() }

/**
 * Creates the container under its project's name; a new volume is handed over to its user meanwhile. Only for whoever has
 * the lease of the project: what bears the name already was left behind under an earlier one, and goes. Throws
 * SupersededError if it is of a later one.
 */
export async function createProjectContainer (docker: DockerClient, { spec, isNew }: { spec: ProjectSandboxSpec, isNew: boolean }, options?: CallOptions): Promise<CreatedContainer> {
  const handOver = isNew ? await makeWorkspace(docker, spec, options) : NOTHING
  try {
    return { containerId: await createOnWorkspace(docker, spec, options), handOver }
  } catch (error) {
    await handOver.done.catch(() => undefined)
    throw error
  }
}

async function createOnWorkspace (docker: DockerClient, spec: ProjectSandboxSpec, options?: CallOptions): Promise<string> {
  const name = projectContainerName(spec.projectId)
  const create = async () => await docker.containers.create(projectSandboxBody(spec), { name }, options)
  const { Id, Warnings } = await create().catch(async (error: unknown) => {
    if (!isDockerError(error, 'conflict')) throw error
    await removeLeftover(docker, spec, options)
    return await create()
  })
  // The Engine only warns when it drops a limit that it cannot enforce.
  if (Warnings !== null && Warnings.length > 0) throw new SandboxError(`the Engine would not harden the sandbox: ${Warnings.join('; ')}`)
  await checkWorkspace(docker, spec, async () => await removeProjectContainer(docker, Id), options)
  return Id
}

async function removeLeftover (docker: DockerClient, { projectId, instanceId, leaseNumber }: ProjectSandboxSpec, options?: CallOptions): Promise<void> {
  const found = await findProjectContainer(docker, projectId, options)
  if (found === undefined) return
  if (found.Config.Labels[labels.instance] !== instanceId) throw new SandboxError(`${found.Name} belongs to another instance of Berth`)
  if (Number(found.Config.Labels[labels.lease] ?? 0) >= leaseNumber) throw new SupersededError(`${found.Name} was made under a later lease`)
  await removeProjectContainer(docker, found.Id, options)
}

/**
 * Ends the container in order: processes have some seconds between SIGTERM and SIGKILL. By its id, not its name: whoever
 * was suspended half-way through a stop must not hit the container of a later start.
 */
export async function stopProjectContainer (docker: DockerClient, containerId: string, options?: CallOptions): Promise<void> {
  try {
    await docker.containers.stop(containerId, {}, options)
  } catch (error) {
    if (!isDockerError(error, 'not_found')) throw error
  }
}

/** Ends the container at once, if it still runs. The project's volume stays, as all that have a name. */
export async function removeProjectContainer (docker: DockerClient, containerId: string, options?: CallOptions): Promise<void> {
  await docker.containers.remove(containerId, { force: true, volumes: true }, options)
}
