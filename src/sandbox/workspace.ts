import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { extract, pack } from 'tar-stream'
import { isDockerError, type CallOptions, type DockerClient } from '../docker/index.ts'
import { SandboxError } from './attached-sandbox.ts'
import { WORKSPACE, projectVolumeName, workspaceOwnerBody, type WorkspaceOwnerSpec } from './container-spec.ts'
import { labels } from './labels.ts'

interface ProjectOfInstance {
  readonly projectId: string
  readonly instanceId: string
}

/** The project's volume was lost just before a container was created on it. */
export class VolumeLostError extends Error {
  override readonly name = 'VolumeLostError'
}

/** In place of an instance: the Engine made it. */
const NOBODY = ''
const REMOVE_DEADLINE_MS = 15_000
const REMOVE_AGAIN_MS = 100
const REMOVE_FOR_MS = 2_000

/**
 * Whether the project's volume is there. Not what the Engine has made, empty and without labels, for a container that was
 * created just after the volume had been lost. Throws for another instance's: a copy of a database has the same projects, and
 * must not get at their files.
 */
export async function workspaceExists (docker: DockerClient, project: ProjectOfInstance, options?: CallOptions): Promise<boolean> {
  const instance = await instanceOf(docker, project.projectId, options)
  if (instance === undefined || instance === NOBODY) return false
  if (instance !== project.instanceId) throw new SandboxError(`the volume of project ${project.projectId} belongs to another instance of Berth`)
  return true
}

export interface HandOver {
  /** Rejects where it could not be done. */
  readonly done: Promise<void>
}

/**
 * Makes the project's volume if there is none, for the project's user. Only for one that nobody has worked in. It is there
 * when this resolves, and theirs when that is done: containers can be created on it meanwhile, and started.
 */
export async function makeWorkspace (docker: DockerClient, spec: WorkspaceOwnerSpec, options?: CallOptions): Promise<HandOver> {
  if (await instanceOf(docker, spec.projectId, options) === NOBODY) await removeWorkspace(docker, spec, options)
  const { Id } = await createUnstarted(docker, spec, options)
  const done = handOver(docker, spec, Id, options)
  done.catch(() => undefined)
  return { done }
}

/** After a container was created on the volume: removes it again, and throws VolumeLostError, if that was not there any more. */
export async function checkWorkspace (docker: DockerClient, project: ProjectOfInstance, removeContainer: () => Promise<void>, options?: CallOptions): Promise<void> {
  try {
    if (await workspaceExists(docker, project, options)) return
    throw new VolumeLostError(`the volume of project ${project.projectId} was lost`)
  } catch (error) {
    await removeContainer()
    throw error
  }
}

/** Removes the project's volume with the helper containers on it, of whatever server. One of another instance stays. */
export async function removeWorkspace (docker: DockerClient, { projectId, instanceId }: ProjectOfInstance, options: CallOptions = {}): Promise<void> {
  const instance = await instanceOf(docker, projectId, options)
  if (instance !== undefined && instance !== NOBODY && instance !== instanceId) return
  const deadline = performance.now() + REMOVE_FOR_MS
  for (;;) {
    await removeHelperContainers(docker, projectId, options)
    try {
      return await removeVolume(docker, projectId, options)
    } catch (error) {
      // One was begun in between, by a server that had just found the project there, or is still being removed by another call.
      if (!isDockerError(error, 'conflict') || performance.now() > deadline) throw error
      await sleep(REMOVE_AGAIN_MS, undefined, options.signal === undefined ? {} : { signal: options.signal })
    }
  }
}

/** Removes the volume alone, unless something works on it. */
export async function removeIdleWorkspace (docker: DockerClient, projectId: string): Promise<void> {
  await removeVolume(docker, projectId, {}).catch((error: unknown) => {
    if (!isDockerError(error, 'conflict')) throw error
  })
}

/** Whose the root of the project's volume is: the first entry of its archive, so that no path of a guest's is looked up. */
export async function findWorkspaceUid (docker: DockerClient, spec: WorkspaceOwnerSpec, options?: CallOptions): Promise<number> {
  const { Id } = await createUnstarted(docker, spec, options)
  return await removedAfter(docker, Id, async () => {
    const { tar } = await docker.containers.getArchive(Id, WORKSPACE, options)
    const entries = extract()
    try {
      tar.on('error', (error) => entries.destroy(error)).pipe(entries)
      const { value } = await entries[Symbol.asyncIterator]().next() as { value: { header: { uid?: number } } | undefined }
      if (value?.header.uid === undefined) throw new SandboxError('the Engine says nothing of the volume')
      return value.header.uid
    } finally {
      tar.destroy()
      entries.destroy()
    }
  })
}

async function removeVolume (docker: DockerClient, projectId: string, options: CallOptions): Promise<void> {
  await docker.volumes.remove(projectVolumeName(projectId), {}, options)
}

async function removeHelperContainers (docker: DockerClient, projectId: string, options: CallOptions): Promise<void> {
  const label = [`${labels.kind}=files`, `${labels.project}=${projectId}`]
  const containers = await docker.containers.list({ all: true, filters: { label } }, options)
  await Promise.all(containers.map(async ({ Id }) => {
    await docker.containers.remove(Id, { force: true }, { ...options, deadlineMs: REMOVE_DEADLINE_MS })
  }))
}

/** Undefined if there is no volume, NOBODY if it has no labels of ours. */
async function instanceOf (docker: DockerClient, projectId: string, options?: CallOptions): Promise<string | undefined> {
  try {
    const { Labels } = await docker.volumes.inspect(projectVolumeName(projectId), options)
    return Labels?.[labels.instance] ?? NOBODY
  } catch (error) {
    if (isDockerError(error, 'not_found')) return undefined
    throw error
  }
}

/**
 * Gives the root of the volume to the project's user: no container has a user or a capability that could. The Engine does
 * it, in a container that is never started, by an archive of nothing but that directory, so that no program runs and no path
 * of a guest's is followed.
 */
async function handOver (docker: DockerClient, { uid }: WorkspaceOwnerSpec, containerId: string, options?: CallOptions): Promise<void> {
  await removedAfter(docker, containerId, async () => {
    const tar = pack()
    // The older fields for them hold six octal digits, and the packer would write the largest that fits.
    const owner = { uid: String(uid), gid: String(uid) }
    tar.entry({ name: `${WORKSPACE.slice(1)}/`, type: 'directory', mode: 0o755, mtime: new Date(), pax: owner })
    tar.finalize()
    await docker.containers.putArchive(containerId, '/', Readable.from(tar, { objectMode: false }), {}, options)
  })
}

async function createUnstarted (docker: DockerClient, spec: WorkspaceOwnerSpec, options?: CallOptions): Promise<{ Id: string }> {
  return await docker.containers.create(workspaceOwnerBody(spec), {}, options)
}

async function removedAfter<T> (docker: DockerClient, Id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await docker.containers.remove(Id, { force: true }).catch((error: unknown) => {
      // It carries our labels: the sweep removes it when the Engine is well again.
      if (!isDockerError(error)) throw error
    })
  }
}
