import { setTimeout as sleep } from 'node:timers/promises'
import { isDockerError, type CallOptions, type DockerClient } from '../docker/index.ts'
import { startAttachedSandbox, type AttachedSandbox } from './attached-sandbox.ts'
import { helperBody, type HelperSpec } from './container-spec.ts'
import { labels } from './labels.ts'
import { checkWorkspace, isForeignVolume, makeWorkspace, removeProjectVolume } from './project-sandbox.ts'

const REMOVE_DEADLINE_MS = 15_000
const REMOVE_AGAIN_MS = 100
const REMOVE_FOR_MS = 2_000
// A container that a living server has just created is not attached yet.
const START_GRACE_SECONDS = 60

/** An agent on the volume of a project that does not run. The volume is made if there is none, and handed over if it is new. */
export async function startHelperContainer (docker: DockerClient, { spec, isNew }: { spec: HelperSpec, isNew: boolean }, signal: AbortSignal): Promise<AttachedSandbox> {
  if (isNew) await makeWorkspace(docker, spec, { signal })
  const sandbox = await startAttachedSandbox(docker, helperBody(spec), signal)
  await checkWorkspace(docker, spec, sandbox.remove, { signal })
  return sandbox
}

/** Removes the project's volume with whatever works on it, of whatever server. One of another instance stays. */
export async function removeWorkspace (docker: DockerClient, { projectId, instanceId }: { projectId: string, instanceId: string }, options: CallOptions = {}): Promise<void> {
  if (await isForeignVolume(docker, { projectId, instanceId }, options)) return
  const deadline = performance.now() + REMOVE_FOR_MS
  for (;;) {
    await removeHelperContainers(docker, projectId, options)
    try {
      return await removeProjectVolume(docker, projectId, options)
    } catch (error) {
      // One was begun in between, by a server that had just found the project there, or is still being removed by another call.
      if (!isDockerError(error, 'conflict') || performance.now() > deadline) throw error
      await sleep(REMOVE_AGAIN_MS, undefined, options.signal === undefined ? {} : { signal: options.signal })
    }
  }
}

async function removeHelperContainers (docker: DockerClient, projectId: string, options: CallOptions = {}): Promise<void> {
  const label = [`${labels.kind}=files`, `${labels.project}=${projectId}`]
  const containers = await docker.containers.list({ all: true, filters: { label } }, options)
  await Promise.all(containers.map(async ({ Id }) => {
    await docker.containers.remove(Id, { force: true }, { ...options, deadlineMs: REMOVE_DEADLINE_MS })
  }))
}

export interface HelperSweep {
  readonly instanceId: string
  /** Whether the server process that made it lives. */
  readonly isAlive: (bootId: string) => boolean
  /** Seen in the round before: a server that loses its connection to the database for a moment only seems dead. */
  readonly isSuspect: (containerId: string) => boolean
  readonly signal?: AbortSignal
}

/**
 * Removes the helper containers that nobody is connected to: their agent has ended with its input. One that still runs
 * although its server is dead is a suspect, and goes when it has been one before.
 */
export async function sweepHelperContainers (docker: DockerClient, { instanceId, isAlive, isSuspect, signal }: HelperSweep): Promise<{ removed: string[], suspects: string[] }> {
  const options = signal === undefined ? {} : { signal }
  const label = [`${labels.instance}=${instanceId}`, `${labels.kind}=files`]
  const containers = await docker.containers.list({ all: true, filters: { label } }, options)
  const removed: string[] = []
  const suspects: string[] = []
  for (const { Id, Labels, State, Created } of containers) {
    const isNew = Date.now() / 1000 - Created < START_GRACE_SECONDS
    const isOrphan = !isAlive(Labels[labels.boot] ?? '')
    const isOver = State !== 'running' && (isOrphan || !isNew)
    if (isOver || (isOrphan && isSuspect(Id))) {
      if (await tryRemove(docker, Id, options)) removed.push(Id)
    } else if (isOrphan) {
      suspects.push(Id)
    }
  }
  return { removed, suspects }
}

/** False if the Engine cannot now; the next sweep asks again. */
async function tryRemove (docker: DockerClient, id: string, options: CallOptions): Promise<boolean> {
  try {
    await docker.containers.remove(id, { force: true }, { ...options, deadlineMs: REMOVE_DEADLINE_MS })
    return true
  } catch (error) {
    if (isDockerError(error)) return false
    throw error
  }
}
