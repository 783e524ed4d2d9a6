import { isDockerError, type DockerClient } from '../docker/index.ts'
import { labels } from './labels.ts'

const REMOVE_DEADLINE_MS = 15_000

// A container that this process has just created is not in the pool until its agent has said hello.
const START_GRACE_SECONDS = 60

/**
 * Removes the run sandboxes of this data directory that nobody owns: what a crash left behind, and what the Engine
 * could not remove when it was asked. Other servers on the same Engine have other instance ids.
 * Returns the ids of those that still cannot be removed.
 */
export async function sweepOrphans (docker: DockerClient, { instanceId, bootId, isOwned, signal }: {
  instanceId: string
  /** Of this process: what another one has made is removed at once. Undefined: what this one has made as well. */
  bootId: string | undefined
  isOwned: (id: string) => boolean
  signal?: AbortSignal
}): Promise<{ removed: string[], stuck: string[] }> {
  const options = signal === undefined ? {} : { signal }
  const containers = await docker.containers.list({
    all: true,
    filters: { label: [`${labels.instance}=${instanceId}`, `${labels.kind}=run`] }
  }, options)
  const orphans = containers.filter(({ Id, Labels, Created }) => !isOwned(Id) && (Labels[labels.boot] !== bootId || Date.now() / 1000 - Created > START_GRACE_SECONDS))
  const outcomes = await Promise.all(orphans.map(async ({ Id }) => {
    try {
      await docker.containers.remove(Id, { force: true, volumes: true }, { ...options, deadlineMs: REMOVE_DEADLINE_MS })
      return true
    } catch (error) {
      if (isDockerError(error)) return false
      throw error
    }
  }))
  return {
    removed: orphans.filter((_, index) => outcomes[index] === true).map(({ Id }) => Id),
    stuck: orphans.filter((_, index) => outcomes[index] === false).map(({ Id }) => Id)
  }
}
