import { setTimeout as sleep } from 'node:timers/promises'
import type { Liveness } from '../../../db/liveness.ts'
import { createDeferred } from '../../../lib/deferred.ts'
import { each } from '../../../lib/each.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { AgentLostError, AgentOperationError } from '../../../sandbox/agent-client/errors.ts'
import { followProcesses } from '../../../sandbox/agent-client/processes.ts'
import type { ProcessChange } from '../../../sandbox/agent-protocol.ts'
import { NoInitError, NotRunningError } from '../../../sandbox/project-agent.ts'
import type { SharedAgents } from '../../../sandbox/shared-agents.ts'
import { presentChange } from '../present.ts'
import type { FollowersRepo } from './repo.ts'

export interface ProcessFollowerOptions {
  /** PID 1 of running projects. */
  readonly inits: Pick<SharedAgents, 'use'>
  readonly repo: FollowersRepo
  readonly liveness: Pick<Liveness, 'serverId' | 'look'>
  readonly log: { readonly warn: (fields: object, message: string) => void }
}

interface Claimed {
  readonly projectId: string
  /** The last change that was told. */
  readonly told: number
}

/** After a loss of PID 1, or of the database. */
const AGAIN_MS = 1_000
/** A guest may start and forget as many as it likes: others are to hear of their own. */
const PACE_MS = 20
const MOST_PENDING = 128
const AT_ONCE = 4

/**
 * Tells of starts and ends of processes, as PID 1 of their containers does. One server follows each container in which
 * there have been any; when it dies, another goes on behind the last change that was told.
 */
export function createProcessFollower ({ inits, repo, liveness: { serverId, look }, log }: ProcessFollowerOptions) {
  const closing = new AbortController()
  const claims = new Map<string, Promise<void>>()
  const following = new Set<Promise<void>>()
  let lastFingerprint: string | undefined

  /** Returns once it is known who follows. If it was another server a moment ago it still is, or the sweep finds it dead. */
  async function ensure (containerId: string, follower?: string): Promise<void> {
    if (closing.signal.aborted || (follower !== undefined && follower !== serverId)) return
    const claiming = claims.get(containerId) ?? claim(containerId)
    claims.set(containerId, claiming)
    await claiming
  }

  async function claim (containerId: string): Promise<void> {
    try {
      const claimed = await takeOver(containerId)
      if (claimed === undefined) return forget(containerId)
      const work: Promise<void> = follow(containerId, claimed).finally(() => {
        following.delete(work)
        forget(containerId)
      })
      following.add(work)
    } catch (err) {
      forget(containerId)
      if (!closing.signal.aborted) log.warn({ err, containerId }, 'nobody may tell of the processes of a project')
    }
  }

  function forget (containerId: string): void {
    claims.delete(containerId)
  }

  async function takeOver (containerId: string): Promise<Claimed | undefined> {
    const found = await repo.find(containerId)
    if (found === undefined) return undefined
    const { projectId, followerId: previous } = found
    if (previous !== null && previous !== serverId && (await look()).has(previous)) return undefined
    const told = await repo.claim(containerId, serverId, previous)
    return told === undefined ? undefined : { projectId, told }
  }

  async function follow (containerId: string, { projectId, told: first }: Claimed): Promise<void> {
    let told = first
    const tell = async ({ number, process }: ProcessChange): Promise<boolean> => {
      const isTold = await repo.tell(containerId, serverId, number, { projectId, ...presentChange(process) })
      told = number
      return isTold
    }
    while (!closing.signal.aborted) {
      try {
        return await inits.use(containerId, async (agent) => await tellChanges(agent, told, tell))
      } catch (err) {
        // One that is older than this operation refuses it.
        if (closing.signal.aborted || err instanceof NotRunningError || err instanceof NoInitError || err instanceof AgentOperationError) return
        if (!(err instanceof AgentLostError)) log.warn({ err, containerId }, 'processes of a project could not be told of')
      }
      await sleep(AGAIN_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
    }
  }

  /** Until another server does. Rejects when PID 1 is lost, after the last that it has said. */
  async function tellChanges (agent: AgentConnection, after: number, tell: (change: ProcessChange) => Promise<boolean>): Promise<void> {
    const pending: ProcessChange[] = []
    let changed = createDeferred<void>()
    let loss: { readonly error: unknown } | undefined
    followProcesses(agent, after, (change) => {
      pending.push(change)
      if (pending.length > MOST_PENDING) pending.shift()
      changed.resolve()
    }).catch((error: unknown) => {
      loss = { error }
      changed.resolve()
    })
    for (;;) {
      const next = pending.shift()
      if (next === undefined) {
        if (loss !== undefined) throw loss.error
        await changed.promise
        changed = createDeferred()
        continue
      }
      if (!await tell(next)) return
      await sleep(PACE_MS)
    }
  }

  return {
    ensure,

    /** One look for containers whose server has died; only when one has come or gone they are asked for. */
    sweep: async (): Promise<void> => {
      const { fingerprint, has } = await look()
      if (fingerprint === lastFingerprint) return
      const left = (await repo.listFollowed()).filter(({ followerId }) => !has(followerId))
      await each(left, AT_ONCE, async ({ containerId }) => await ensure(containerId))
      lastFingerprint = fingerprint
    },

    /** The connections with PID 1 must have been closed. */
    close: async (): Promise<void> => {
      closing.abort()
      await Promise.all(following)
    }
  }
}
