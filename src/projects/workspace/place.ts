import { setMaxListeners } from 'node:events'
import { errors } from '../../errors.ts'
import { createFairQueue } from '../../lib/fair-queue.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentLostError } from '../../sandbox/agent-client/errors.ts'
import { NotRunningError } from '../../sandbox/project-agent.ts'
import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import type { Changing } from '../lifecycle/volumes/change-marks.ts'
import type { Awakenings } from './start-notifications.ts'
import type { Whereabouts } from './repo.ts'
import type { RestingAgents } from './helper-agents.ts'

/** Where a project's files are worked on: in its container while that runs, else in a small sandbox on its volume. */
export interface FilePlace {
  /**
   * Does the work with an agent at the project's root, whose volume holds what it should. The signal is aborted when the
   * place is about to go, and for work that waits also when there is a better one; what is under way when it goes ends
   * with AgentLostError.
   */
  readonly use: <T>(projectId: string, work: FileWork<T>, options?: UseOptions) => Promise<T>
  readonly close: () => Promise<void>
}

export interface UseOptions {
  /** It waits for what may never come, as a watch does: there are places of their own for those, and none waits. */
  readonly isWaiting?: boolean
  /** It changes files. */
  readonly isChange?: boolean
  /** Takes work out again that has not begun. */
  readonly signal?: AbortSignal
}

export type FileWork<T> = (agent: AgentConnection, signal: AbortSignal) => Promise<T>

/** Puts into the project's volume what it has to hold before anybody works on it; cheap when it does. */
export type Fill = (projectId: string, agent: AgentConnection) => Promise<void>

export interface FilePlaceOptions {
  readonly whereabouts: (projectId: string) => Promise<Whereabouts | undefined>
  /** By container: of projects that run. */
  readonly running: SharedAgents
  /** Aborted when the container is about to end. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  /** By project: of those at rest. */
  readonly resting: RestingAgents
  /** Tells those who wait that a project at rest runs again. */
  readonly awakenings: Pick<Awakenings, 'during'>
  readonly fill: Fill
  /** One that runs counts as changed from its start on. */
  readonly changing: Changing
}

/** An agent has 64 channels, and a question in between should always find one. */
const WORKS_PER_PROJECT = 40
const WORKS_WAITING = 4_096
const WAITS_PER_PROJECT = 20

/** A container may end, and another begin, between the look and the work; more often than this it is not bad luck. */
const MOVES = 3

export function createFilePlace ({ whereabouts, running, stoppingSignal, resting, awakenings, fill, changing }: FilePlaceOptions): FilePlace {
  const closing = new AbortController()
  // As many listen as there is work at rest.
  setMaxListeners(0, closing.signal)
  const works = createFairQueue({ concurrency: Infinity, perOwner: WORKS_PER_PROJECT, capacity: WORKS_WAITING })
  const waits = createFairQueue({ concurrency: Infinity, perOwner: WAITS_PER_PROJECT, capacity: 0 })
  // The database is asked once for each container, not for each call.
  const containerOf = new Map<string, { id: string, signal: AbortSignal }>()

  async function findContainer (projectId: string): Promise<{ id: string, signal: AbortSignal } | undefined> {
    const known = containerOf.get(projectId)
    if (known !== undefined) return known
    const found = await whereabouts(projectId)
    if (found === undefined || found.isDeleted) throw new errors.PROJECT_NOT_FOUND()
    if (found.containerId === undefined) return undefined
    const container = { id: found.containerId, signal: stoppingSignal(found.containerId) }
    if (container.signal.aborted) return undefined
    containerOf.set(projectId, container)
    container.signal.addEventListener('abort', () => forget(projectId, container), { once: true })
    return container
  }

  function forget (projectId: string, container: { id: string }): void {
    if (containerOf.get(projectId)?.id === container.id) containerOf.delete(projectId)
  }

  /** Work that ends by itself may end where it began: a project that starts meanwhile has the same files. */
  async function atRest<T> (projectId: string, isWaiting: boolean, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (!isWaiting) return await work(closing.signal)
    return await awakenings.during(projectId, async (awakening) => await work(AbortSignal.any([closing.signal, awakening])))
  }

  /** Undefined when the place had gone before the work could begin. */
  async function attempt<T> (projectId: string, work: FileWork<T>, { mayRun, isWaiting, isChange }: { mayRun: boolean, isWaiting: boolean, isChange: boolean }): Promise<{ value: T } | undefined> {
    const container = mayRun ? await findContainer(projectId) : undefined
    let hasBegun = false
    const begin = async (agent: AgentConnection, signal: AbortSignal): Promise<{ value: T }> => {
      await fill(projectId, agent)
      hasBegun = true
      const isMarked = isChange && container === undefined
      return { value: await (isMarked ? changing(projectId, async () => await work(agent, signal)) : work(agent, signal)) }
    }
    try {
      return container === undefined
        ? await resting.use(projectId, async (agent) => await atRest(projectId, isWaiting, async (signal) => await begin(agent, signal)))
        : await running.use(container.id, async (agent) => await begin(agent, container.signal))
    } catch (error) {
      if (hasBegun || !isGone(error)) throw error
      if (container !== undefined) forget(projectId, container)
      return undefined
    }
  }

  async function follow<T> (projectId: string, work: FileWork<T>, kind: { isWaiting: boolean, isChange: boolean }): Promise<T> {
    for (let move = 1; move <= MOVES; move++) {
      if (closing.signal.aborted) throw new errors.SHUTTING_DOWN()
      // A row may say that a container runs which has just died: the files are there all the same.
      const outcome = await attempt(projectId, work, { mayRun: move < MOVES, ...kind })
      if (outcome !== undefined) return outcome.value
    }
    throw new errors.PROJECT_BUSY()
  }

  return {
    async use (projectId, work, { isWaiting = false, isChange = false, signal } = {}) {
      const queue = isWaiting ? waits : works
      return await queue.run(projectId, async () => await follow(projectId, work, { isWaiting, isChange }), signal)
    },
    async close () {
      closing.abort(new errors.SHUTTING_DOWN())
      running.close()
      resting.close()
      await resting.closed()
    }
  }
}

/** The place went away, as opposed to what was asked of it going wrong. */
function isGone (error: unknown): boolean {
  return error instanceof NotRunningError || error instanceof AgentLostError
}
