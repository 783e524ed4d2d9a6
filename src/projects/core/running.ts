import { isDockerError, type ContainerInspect, type DockerClient } from '../../docker/index.ts'
import { parseEnvironment } from '../../sandbox/environment.ts'
import { NotRunningError } from '../../sandbox/project-agent.ts'
import type { Location } from './location.ts'

/** A project's container, as far as who starts something in it has to know it. */
export interface RunningContainer {
  readonly id: string
  readonly env: Readonly<Record<string, string>>
}

/** As it was found a moment ago. */
export interface LocatedProject {
  readonly id: string
  readonly location: Pick<Location, 'containerId' | 'followerId'>
}

/**
 * Does the work in the project's container, which is started if need be. Where the row says that it runs nobody is asked
 * again: work that finds it is not so throws NotRunningError, having done nothing, and is done anew in one that runs.
 */
export type InRunning = <T>(project: LocatedProject, work: (container: RunningContainer) => Promise<T>) => Promise<T>

/** One of which nobody has looked where it is. */
export function unlocated (id: string): LocatedProject {
  return { id, location: { containerId: undefined } }
}

const MOST_KNOWN = 1_000

export function createInRunning ({ docker, start }: {
  docker: Pick<DockerClient, 'containers'>
  /** Resolves with a container that runs, whatever the row says. */
  start: (projectId: string) => Promise<ContainerInspect>
}): InRunning {
  // The environment of a container never changes.
  const known = new Map<string, RunningContainer>()

  function remember ({ Id, Config }: ContainerInspect): RunningContainer {
    const container = { id: Id, env: parseEnvironment(Config.Env ?? []) }
    const oldest = known.keys().next()
    if (known.size >= MOST_KNOWN && oldest.done === false) known.delete(oldest.value)
    known.set(Id, container)
    return container
  }

  async function look (containerId: string): Promise<RunningContainer> {
    const remembered = known.get(containerId)
    if (remembered !== undefined) return remembered
    try {
      return remember(await docker.containers.inspect(containerId))
    } catch (error) {
      if (isDockerError(error, 'not_found')) throw new NotRunningError('the container is gone', { cause: error })
      throw error
    }
  }

  return async ({ id, location: { containerId } }, work) => {
    try {
      if (containerId !== undefined) return await work(await look(containerId))
    } catch (error) {
      if (!(error instanceof NotRunningError)) throw error
    }
    return await work(remember(await start(id)))
  }
}
