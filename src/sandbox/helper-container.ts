import { isDockerError, type CallOptions, type DockerClient } from '../docker/index.ts'
import { startAttachedSandbox, type AttachedSandbox } from './attached-sandbox.ts'
import { helperBody, type HelperSpec } from './container-spec.ts'
import { labels } from './labels.ts'
import { checkWorkspace, makeWorkspace } from './workspace.ts'

const REMOVE_DEADLINE_MS = 15_000
// A container that a living server has just created is not attached yet.
const START_GRACE_SECONDS = 60

/** An agent on the volume of a project that does not run. The volume is made if there is none, and handed over if it is new. */
export async function startHelperContainer (docker: DockerClient, { spec, isNew }: { spec: HelperSpec, isNew: boolean }, signal: AbortSignal): Promise<AttachedSandbox> {
  if (isNew) await (await makeWorkspace(docker, spec, { signal })).done
  const sandbox = await startAttachedSandbox(docker, helperBody(spec), signal)
  await checkWorkspace(docker, spec, sandbox.remove, { signal })
  return sandbox
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

/** For the end of the server process that has made them: also what it could not remove when it should, as the Engine was away. */
export async function removeOwnHelpers (docker: DockerClient, { instanceId, bootId }: { instanceId: string, bootId: string }, options: CallOptions): Promise<void> {
  const label = [`${labels.instance}=${instanceId}`, `${labels.boot}=${bootId}`, `${labels.kind}=files`]
  const containers = await docker.containers.list({ all: true, filters: { label } }, options)
  await Promise.all(containers.map(async ({ Id }) => await tryRemove(docker, Id, options)))
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
