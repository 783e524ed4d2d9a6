import { setMaxListeners } from 'node:events'
import { errors } from '../../errors.ts'
import { createFairQueue } from '../../lib/fair-queue.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentLostError } from '../../sandbox/agent-client/errors.ts'
import { NotRunningError } from '../../sandbox/project-agent.ts'
import type { SharedAgents } from '../../sandbox/shared-agents.ts'
import type { Locate, Location } from '../core/location.ts'
import type { WhileDirty } from '../lifecycle/volumes/dirty-flags.ts'
import type { HelperAgents } from './helper-agents.ts'
import type { StartNotifications } from './start-notifications.ts'

/** A project, by its id or as it was found a moment ago. */
export type ProjectRef = string | { readonly id: string, readonly location: Location }

export function idOf (project: ProjectRef): string {
  return typeof project === 'string' ? project : project.id
}

/** An agent on a project's volume: in its container while that runs, else in a helper container. */
export interface Workspace {
  /**
   * Does the work with an agent at the project's root, whose volume holds what it should. The signal is aborted when the
   * agent's container is about to end, and for a watch also when the project starts; what is under way then ends with
   * AgentLostError.
   */
  readonly withAgent: <T>(project: ProjectRef, work: AgentWork<T>, options?: WorkOptions) => Promise<T>
  readonly close: () => Promise<void>
}

export interface WorkOptions {
  /** It waits for what may never come: watches have slots of their own, and are rejected when those are taken. */
  readonly isWatch?: boolean
  /** It changes files. */
  readonly isChange?: boolean
  /** Takes work out again that has not begun. */
  readonly signal?: AbortSignal
}

export type AgentWork<T> = (agent: AgentConnection, signal: AbortSignal) => Promise<T>

export interface WorkspaceOptions {
  readonly locate: Locate
  /** By container: of projects that run. */
  readonly running: SharedAgents
  /** Aborted when the container is about to end. */
  readonly stoppingSignal: (containerId: string) => AbortSignal
  /** By project: of those that are stopped. */
  readonly helpers: HelperAgents
  readonly startNotifications: Pick<StartNotifications, 'during'>
  /** Puts into the project's volume what it has to hold before anybody works on it; cheap when it does. */
  readonly ensureReady: (projectId: string, agent: AgentConnection) => Promise<void>
  /** A running project counts as changed from its start on. */
  readonly whileDirty: WhileDirty
}

interface Container {
  readonly id: string
  readonly signal: AbortSignal
}

interface WorkKind {
  readonly isWatch: boolean
  readonly isChange: boolean
}

/** An agent has 64 channels, and a request in between should always find one. */
const WORKS_PER_PROJECT = 40
const WORKS_WAITING = 4_096
const WATCHES_PER_PROJECT = 20

/** A container may end, and another begin, between the lookup and the work; more often than this it is not bad luck. */
const ATTEMPTS = 3

export function createWorkspace ({ locate, running, stoppingSignal, helpers, startNotifications, ensureReady, whileDirty }: WorkspaceOptions): Workspace {
  const closing = new AbortController()
  // As many listen as there is work on stopped projects.
  setMaxListeners(0, closing.signal)
  const works = createFairQueue({ concurrency: Infinity, perOwner: WORKS_PER_PROJECT, capacity: WORKS_WAITING })
  const watches = createFairQueue({ concurrency: Infinity, perOwner: WATCHES_PER_PROJECT, capacity: 0 })
  // The database is asked once for each container, not for each call.
  const containerOf = new Map<string, Container>()

  function remember (projectId: string, containerId: string): Container | undefined {
    const container = { id: containerId, signal: stoppingSignal(containerId) }
    if (container.signal.aborted) return undefined
    containerOf.set(projectId, container)
    container.signal.addEventListener('abort', () => forget(projectId, container), { once: true })
    return container
  }

  function forget (projectId: string, container: Container): void {
    if (containerOf.get(projectId)?.id === container.id) containerOf.delete(projectId)
  }

  /** In the container where the project runs, else in a helper container. Undefined if that had ended before the work could begin. */
  async function attempt<T> (projectId: string, container: Container | undefined, work: AgentWork<T>, { isWatch, isChange }: WorkKind): Promise<{ value: T } | undefined> {
    let hasBegun = false
    const begin = async (agent: AgentConnection, signal: AbortSignal): Promise<{ value: T }> => {
      await ensureReady(projectId, agent)
      hasBegun = true
      return { value: await (isChange && container === undefined ? whileDirty(projectId, async () => await work(agent, signal)) : work(agent, signal)) }
    }
    try {
      if (container !== undefined) return await running.use(container.id, async (agent) => await begin(agent, container.signal))
      return await helpers.use(projectId, async (agent) => {
        // Work that ends by itself may end where it began: a project that starts meanwhile has the same files.
        if (!isWatch) return await begin(agent, closing.signal)
        return await startNotifications.during(projectId, async (started) => await begin(agent, joinSignals(closing.signal, started)))
      })
    } catch (error) {
      if (hasBegun || !isGone(error)) throw error
      if (container !== undefined) forget(projectId, container)
      return undefined
    }
  }

  /** The database is asked unless it has just been, or the container is known. */
  async function findContainer (projectId: string, given: Location | undefined): Promise<Container | undefined> {
    const known = containerOf.get(projectId)
    if (known !== undefined) return known
    const location = given ?? await locate(projectId)
    if (location === undefined || location.isDeleted) throw new errors.PROJECT_NOT_FOUND()
    return location.containerId === undefined ? undefined : remember(projectId, location.containerId)
  }

  async function follow<T> (project: ProjectRef, work: AgentWork<T>, kind: WorkKind): Promise<T> {
    const projectId = idOf(project)
    const known = typeof project === 'string' ? undefined : project.location
    for (let count = 1; count <= ATTEMPTS; count++) {
      if (closing.signal.aborted) throw new errors.SHUTTING_DOWN()
      const container = await findContainer(projectId, count === 1 ? known : undefined)
      // A row may say that a container runs which has just died: the files are there all the same.
      const outcome = await attempt(projectId, count === ATTEMPTS ? undefined : container, work, kind)
      if (outcome !== undefined) return outcome.value
    }
    throw new errors.PROJECT_BUSY()
  }

  return {
    async withAgent (project, work, { isWatch = false, isChange = false, signal } = {}) {
      const queue = isWatch ? watches : works
      return await queue.run(idOf(project), async () => await follow(project, work, { isWatch, isChange }), signal)
    },
    async close () {
      closing.abort(new errors.SHUTTING_DOWN())
      running.close()
      helpers.close()
      await helpers.closed()
    }
  }
}

/** The agent's container went away, as opposed to what was asked of the agent going wrong. */
function isGone (error: unknown): boolean {
  return error instanceof NotRunningError || error instanceof AgentLostError
}
