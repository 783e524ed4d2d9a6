import type { ContainerInspect, DockerClient } from '../../../docker/index.ts'
import { errors } from '../../../errors.ts'
import { QueueFullError, createFairQueue } from '../../../lib/fair-queue.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import { AgentLostError, AgentOperationError } from '../../../sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode } from '../../../sandbox/agent-protocol.ts'
import { parseEnvironment } from '../../../sandbox/environment.ts'
import { wasOomKilled } from '../../../sandbox/oom.ts'
import { pathProblem } from '../../../sandbox/paths.ts'
import { NotRunningError, openProjectAgent } from '../../../sandbox/project-agent.ts'
import { shellEnvironment } from '../../core/command.ts'
import { createGit, type Git } from './git.ts'

/** Each has an agent of its own, and what git prints in the server's memory. */
const AT_ONCE = 32
const PER_PROJECT = 4
const MOST_WAITING = 256

/** Runs git in the project's sandbox, which is started if need be; an aborted signal ends it with everything it has started. */
export type WithGit = <T>(projectId: string, directory: string | undefined, signal: AbortSignal, work: (git: Git) => Promise<T>) => Promise<T>

export function createWithGit ({ docker, start, hold, stoppingSignal, variablesOf }: {
  docker: DockerClient
  /** Resolves with a container that runs. */
  start: (projectId: string) => Promise<ContainerInspect>
  /** The project is active until the returned function is called. */
  hold: (projectId: string) => () => void
  /** Aborted when the container is about to end. */
  stoppingSignal: (containerId: string) => AbortSignal
  /** What the project's owner has set for all that is started in it. */
  variablesOf: (projectId: string) => Promise<Record<string, string>>
}): WithGit {
  const queue = createFairQueue({ concurrency: AT_ONCE, perOwner: PER_PROJECT, capacity: MOST_WAITING })

  async function inContainer<T> ({ Id, Config }: ContainerInspect, variables: Record<string, string>, directory: string | undefined, signal: AbortSignal, work: (git: Git) => Promise<T>): Promise<T> {
    const stopping = stoppingSignal(Id)
    const agent = await openProjectAgent(docker, Id)
    try {
      const env = { ...parseEnvironment(Config.Env ?? []), ...shellEnvironment, ...variables }
      return await work(createGit({ agent, wasOomKilled: async () => await wasOomKilled(docker, Id), env, directory }, joinSignals(signal, stopping)))
    } catch (error) {
      throw stopping.aborted ? Object.assign(new errors.PROJECT_STOPPED(), { cause: error }) : error
    } finally {
      agent.close()
    }
  }

  return async (projectId, directory, signal, work) => {
    const problem = directory === undefined ? undefined : pathProblem(directory)
    if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(directory), problem)
    const release = hold(projectId)
    try {
      return await queue.run(projectId, async () => {
        const [container, variables] = await Promise.all([start(projectId), variablesOf(projectId)])
        return await inContainer(container, variables, directory, signal, work)
      }, signal)
    } catch (error) {
      throw translate(error)
    } finally {
      release()
    }
  }
}

function translate (error: unknown): unknown {
  const withCause = (translated: Error): Error => Object.assign(translated, { cause: error })
  if (error instanceof QueueFullError) return withCause(new errors.GIT_BUSY())
  if (error instanceof NotRunningError || error instanceof AgentLostError) return withCause(new errors.PROJECT_STOPPED())
  if (error instanceof AgentOperationError && (error.code === ErrorCode.BAD_PATH || error.code === ErrorCode.NOT_FOUND)) {
    return withCause(new errors.BAD_PATH('given as "directory"', 'is no directory of the project'))
  }
  return error instanceof AgentOperationError || error instanceof AgentProtocolError ? withCause(new errors.RUN_FAILED()) : error
}
