import { errors } from '../../errors.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentLostError } from '../../sandbox/agent-client/errors.ts'
import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import type { InRunning, LocatedProject, RunningContainer } from '../core/running.ts'
import { translate } from './failures.ts'

export type Inits = ReturnType<typeof createInits>

/** PID 1 of projects' containers, for work that is told by the contract's errors what has become of it. */
export function createInits ({ agents, inRunning, stoppingSignal, follow }: {
  agents: Pick<SharedAgents, 'use'>
  inRunning: InRunning
  /** Aborted when the container is about to end, or has ended. */
  stoppingSignal: (containerId: string) => AbortSignal
  /** Has somebody tell of what is about to be started there, where that server did a moment ago. */
  follow: (containerId: string, followerId: string | undefined) => Promise<void>
}) {
  /** With PID 1 of a project that runs; in one that does not there are no processes. */
  async function withInit<T> ({ location: { containerId } }: LocatedProject, work: (init: AgentConnection, containerId: string) => Promise<T>): Promise<T> {
    if (containerId === undefined) throw new errors.PROCESS_NOT_FOUND()
    return await inContainer(containerId, work)
  }

  async function inContainer<T> (containerId: string, work: (init: AgentConnection, containerId: string) => Promise<T>): Promise<T> {
    try {
      return await useInit(containerId, async (init) => await work(init, containerId))
    } catch (error) {
      throw translate(error)
    }
  }

  /** With PID 1 of a project that is started if need be. */
  async function inStarted<T> (project: LocatedProject, work: (init: AgentConnection, container: RunningContainer) => Promise<T>): Promise<T> {
    try {
      return await inRunning(project, async (container) => {
        const following = follow(container.id, container.id === project.location.containerId ? project.location.followerId : undefined)
        // Where PID 1 cannot be connected with, nobody waits for it.
        following.catch(() => undefined)
        return await useInit(container.id, async (init) => {
          await following
          return await work(init, container)
        })
      })
    } catch (error) {
      throw translate(error)
    }
  }

  async function useInit<T> (containerId: string, work: (init: AgentConnection) => Promise<T>): Promise<T> {
    const stopping = stoppingSignal(containerId)
    try {
      return await agents.use(containerId, work)
    } catch (error) {
      if (!(error instanceof AgentLostError)) throw error
      if (stopping.aborted) throw Object.assign(new errors.PROJECT_STOPPED(), { cause: error })
      // A container that has ended cannot be connected with again. What was done in it is not done anew in another.
      throw translate(await agents.use(containerId, async () => error).catch((reason: unknown) => reason))
    }
  }

  return { withInit, inContainer, inStarted }
}
