import { isDockerError, type CallOptions, type ContainerInspect, type DockerClient } from '../docker/index.ts'
import { SandboxError } from './attached-sandbox.ts'
import { projectContainerName, projectSandboxBody, projectVolumeName, type ProjectSandboxSpec, type WorkspaceOwnerSpec } from './container-spec.ts'
import { labels } from './labels.ts'
import { handOverWorkspace } from './workspace-owner.ts'

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

/**
 * Creates the container under its project's name and returns its id; a new volume is handed over to its user. Only for whoever
 * has the lease of the project: what bears the name already was left behind under an earlier one, and goes. Throws
 * SupersededError if it is of a later one.
 */
export async function createProjectContainer (docker: DockerClient, { spec, isNew }: { spec: ProjectSandboxSpec, isNew: boolean }, options?: CallOptions): Promise<string> {
  if (isNew) await makeWorkspace(docker, spec, options)
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

/** The project's volume was lost just before a container was created on it. */
export class VolumeLostError extends Error {
  override readonly name = 'VolumeLostError'
}

/** Makes a project's volume if there is none, for its user. Only for one that nobody has worked in. */
export async function makeWorkspace (docker: DockerClient, spec: WorkspaceOwnerSpec, options?: CallOptions): Promise<void> {
  if (await instanceOfVolume(docker, spec.projectId, options) === '') await removeProjectVolume(docker, spec.projectId, options)
  await handOverWorkspace(docker, spec, options)
}

/** After a container was created on the volume: throws VolumeLostError if the Engine has made an empty one for it. */
export async function checkWorkspace (docker: DockerClient, project: ProjectOfInstance, removeContainer: () => Promise<void>, options?: CallOptions): Promise<void> {
  try {
    if (await projectVolumeExists(docker, project, options)) return
    throw new VolumeLostError(`the volume of project ${project.projectId} was lost`)
  } catch (error) {
    await removeContainer()
    throw error
  }
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

interface ProjectOfInstance {
  readonly projectId: string
  readonly instanceId: string
}

/**
 * False also for one that nobody has made for the project: the Engine has, for a container that was created just after it had
 * been lost. Throws for another instance's: a copy of a database has the same projects, and must not get at their files.
 */
export async function projectVolumeExists (docker: DockerClient, project: ProjectOfInstance, options?: CallOptions): Promise<boolean> {
  const instance = await instanceOfVolume(docker, project.projectId, options)
  if (instance === undefined || instance === '') return false
  if (instance !== project.instanceId) throw new SandboxError(`the volume of project ${project.projectId} belongs to another instance of Berth`)
  return true
}

export async function isForeignVolume (docker: DockerClient, project: ProjectOfInstance, options?: CallOptions): Promise<boolean> {
  const instance = await instanceOfVolume(docker, project.projectId, options)
  return instance !== undefined && instance !== '' && instance !== project.instanceId
}

/** Undefined if there is no volume, empty if it has no labels of ours. */
async function instanceOfVolume (docker: DockerClient, projectId: string, options?: CallOptions): Promise<string | undefined> {
  try {
    const { Labels } = await docker.volumes.inspect(projectVolumeName(projectId), options)
    return Labels?.[labels.instance] ?? ''
  } catch (error) {
    if (isDockerError(error, 'not_found')) return undefined
    throw error
  }
}

export async function removeProjectVolume (docker: DockerClient, projectId: string, options?: CallOptions): Promise<void> {
  await docker.volumes.remove(projectVolumeName(projectId), {}, options)
}
