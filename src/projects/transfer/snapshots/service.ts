import { toPage } from '../../../db/page.ts'
import { errors } from '../../../errors.ts'
import { readCursor } from '../../../http/cursor.ts'
import { createFairQueue, QueueFullError } from '../../../lib/fair-queue.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import { isUuid } from '../../../lib/uuid.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { describeArchiveFailure } from '../archives/errors.ts'
import type { Workspace } from '../../workspace/workspace.ts'
import type { VolumeLease } from '../../lifecycle/volumes/exclusive.ts'
import type { OnVolumeStep } from '../../lifecycle/volumes/steps.ts'
import type { Volumes } from '../../lifecycle/volumes/volumes.ts'
import { chooseBase } from './base.ts'
import { createStallWatch, untilAborted } from './deadline.ts'
import type { DueProject, SnapshotRepo, SnapshotRow } from './repo.ts'
import { planRetention } from './retention.ts'
import { createSnapshotRoom, type SnapshotSizes } from './room.ts'
import type { SnapshotStore } from './store.ts'
import { surveyProject, takeSnapshot, type TakeContext, type Taking } from './take.ts'
import { unpackSnapshot } from './unpack-snapshot.ts'

const DEFAULT_LIMIT = 50
/** Of what people ask for; automatic ones have slots of their own. */
const AT_ONCE = 4
const PER_OWNER = 2
const MOST_WAITING = 200

export interface SnapshotSettings extends SnapshotSizes {
  /** Most that somebody made, of one project. */
  readonly manualMost: number
  readonly isAutomatic: boolean
  /** Of a project's files. */
  readonly projectBytes: number
}

export interface SnapshotService {
  readonly create: (project: OwnedProject, name: string | null, signal: AbortSignal) => Promise<SnapshotRow>
  readonly list: (projectId: string, page: { limit?: number, cursor?: string }) => Promise<{ rows: SnapshotRow[], nextCursor: string | null }>
  readonly get: (projectId: string, id: string) => Promise<SnapshotRow>
  /** Makes the project's files those of the snapshot, all or, if that fails, none. Before, what there is now is kept as a snapshot as well. */
  readonly restore: (project: OwnedProject, id: string, signal: AbortSignal) => Promise<SnapshotRow>
  readonly remove: (projectId: string, id: string) => Promise<void>
  /** One of what is there now: the newest, if nothing has changed since. */
  readonly ensureCurrent: (project: OwnedProject, signal: AbortSignal) => Promise<SnapshotRow>
  /** The same for a project that is due; nothing if somebody has looked or changed it since it was found. */
  readonly takeDue: (due: DueProject, signal: AbortSignal) => Promise<void>
}

export interface OwnedProject {
  readonly id: string
  readonly userId: string
}

/** With the project's files to itself. */
interface Work {
  readonly owner: string
  readonly agent: AgentConnection
  readonly lease: VolumeLease
  readonly signal: AbortSignal
  readonly onProgress: () => void
}

export function createSnapshotService ({ repo, store, volumes, workspace, settings, onStep, onDiscarded, onSizeChanged }: {
  repo: SnapshotRepo
  store: SnapshotStore
  volumes: Volumes
  workspace: Workspace
  settings: SnapshotSettings
  onStep: OnVolumeStep
  /** There are objects to be removed. */
  onDiscarded: () => void
  onSizeChanged: (projectId: string) => void
}): SnapshotService {
  const takeContext: TakeContext = { repo, store, onStep, mostContentBytes: settings.projectBytes }
  const room = createSnapshotRoom({ repo, sizes: settings, onDiscarded })
  const queue = createFairQueue({ concurrency: AT_ONCE, perOwner: PER_OWNER, capacity: MOST_WAITING })

  async function work<T> ({ id, userId: owner }: OwnedProject, signal: AbortSignal, task: (work: Work) => Promise<T>, { isChange = false } = {}): Promise<T> {
    const stall = createStallWatch()
    const ending = joinSignals(signal, stall.signal)
    let hasMoved = false
    try {
      return await workspace.withAgent(id, async (agent, gone) => await volumes.exclusively(id, async (lease) => {
        const joined = joinSignals(ending, gone, lease.signal)
        stall.onProgress()
        // An agent that the guest has stopped answers nothing, not even that it has been cancelled.
        return await untilAborted(joined, task({ owner, agent, lease, signal: joined, onProgress: stall.onProgress })).finally(() => { hasMoved = gone.aborted })
      }, ending), { isChange, signal: ending })
    } catch (error) {
      throw hasMoved ? Object.assign(new errors.PROJECT_STOPPED(), { cause: error }) : describeArchiveFailure(error)
    } finally {
      stall.end()
    }
  }

  async function inTurn<T> (owner: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    return await queue.run(owner, task, signal).catch((error: unknown) => {
      throw error instanceof QueueFullError ? new errors.SNAPSHOTS_BUSY() : error
    })
  }

  async function take ({ owner, agent, lease, signal, onProgress }: Work, what: Pick<Taking, 'kind' | 'name'>, newest: SnapshotRow | undefined): Promise<SnapshotRow> {
    const base = chooseBase(newest, new Date())
    const mostBytes = await room.make(owner, base === undefined ? newest?.size ?? 1 : 1)
    return await takeSnapshot(takeContext, { agent, lease, ...what, mostBytes, signal, onProgress }, base)
  }

  async function findNewest (projectId: string): Promise<SnapshotRow | undefined> {
    const [newest] = await repo.list(projectId, { limit: 1, cursor: undefined })
    return newest
  }

  /** Of no files there is none where others are: something may have removed them, and it would push out what brings them back. */
  async function keepUnderLease (work: Work): Promise<void> {
    await ensureUnderLease(work, { isEmptyWorthOne: false })
  }

  async function ensureUnderLease (work: Work, { isEmptyWorthOne }: { isEmptyWorthOne: boolean }): Promise<SnapshotRow> {
    const { projectId } = work.lease.subject
    const newest = await findNewest(projectId)
    const { digest, isEmpty } = await surveyProject(work.agent, { ...takeContext, signal: work.signal, onProgress: work.onProgress })
    if (newest !== undefined && (newest.digest?.equals(digest) === true || (isEmpty && !isEmptyWorthOne))) return newest
    const row = await take(work, { kind: 'automatic', name: null }, newest)
    for (const id of planRetention(await repo.listAll(projectId))) await repo.discard(projectId, id)
    onDiscarded()
    return row
  }

  async function find (projectId: string, id: string): Promise<SnapshotRow> {
    const row = isUuid(id) ? await repo.find(projectId, id) : undefined
    if (row === undefined) throw new errors.SNAPSHOT_NOT_FOUND()
    return row
  }

  /** What is larger than a project may be by now is refused before anything is done for it. */
  async function findRestorable (projectId: string, id: string): Promise<SnapshotRow> {
    const row = await find(projectId, id)
    if ((row.contentBytes ?? 0) > settings.projectBytes) throw new errors.PROJECT_FULL()
    return row
  }

  return {
    create: async (project, name, signal) => await inTurn(project.userId, signal, async () => await work(project, signal, async (work) => {
      if (await repo.countManual(project.id) >= settings.manualMost) throw new errors.SNAPSHOT_QUOTA(settings.manualMost)
      return await take(work, { kind: 'manual', name }, await findNewest(project.id))
    })),

    async list (projectId, { limit = DEFAULT_LIMIT, cursor }) {
      const after = readCursor(cursor)
      return toPage(await repo.list(projectId, { limit: limit + 1, cursor: after }), limit)
    },

    get: find,

    restore: async (project, id, signal) => await inTurn(project.userId, signal, async () => await work(project, signal, async (work) => {
      const { agent, lease, signal, onProgress } = work
      const snapshot = await findRestorable(project.id, id)
      if (settings.isAutomatic) await keepUnderLease(work)
      const unpack = async (directory: string) => await unpackSnapshot({ store, agent, signal, onProgress }, snapshot, directory, settings.projectBytes)
      await volumes.change({ agent, lease, mode: 'replace', unpack })
      onSizeChanged(project.id)
      return snapshot
    }, { isChange: true })),

    async remove (projectId, id) {
      await find(projectId, id)
      await repo.discard(projectId, id)
      onDiscarded()
    },

    ensureCurrent: async (project, signal) => await inTurn(project.userId, signal, async () => await work(project, signal, async (work) => await ensureUnderLease(work, { isEmptyWorthOne: true }))),

    async takeDue ({ projectId, owner, dueAt, checkedAt, isRunning }, signal) {
      try {
        await work({ id: projectId, userId: owner }, signal, async (work) => {
          const { snapshotDueAt, snapshotCheckedAt } = work.lease.subject
          if (snapshotDueAt?.getTime() !== dueAt.getTime() || snapshotCheckedAt?.getTime() !== checkedAt?.getTime()) return
          await keepUnderLease(work)
          await repo.recordCheck(projectId, null)
          // What runs may have changed files since.
          if (!isRunning) await repo.clearDue(projectId, dueAt)
        })
      } catch (error) {
        // One of the next rounds finds it stopped, and takes it then.
        if (error instanceof errors.PROJECT_STOPPED || error instanceof errors.PROJECT_NOT_FOUND) return
        if (!signal.aborted) await repo.recordCheck(projectId, reasonOf(error))
        throw error
      }
    }
  }
}

/** For the project's owner: nothing of what is inside of the server. */
function reasonOf (error: unknown): string {
  const isOurs = error instanceof Error && 'code' in error && 'statusCode' in error && typeof error.statusCode === 'number'
  return isOurs ? error.message : 'The snapshot could not be taken; it is tried again'
}
