import { decodeCursor, toPage } from '../../db/page.ts'
import { errors } from '../../errors.ts'
import { joinSignals } from '../../lib/join-signals.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { describeArchiveFailure } from '../archives/errors.ts'
import { unpackMembers } from '../archives/unpack.ts'
import type { FilePlace } from '../files/place.ts'
import type { VolumeLease } from '../volumes/exclusive.ts'
import type { OnVolumeStep } from '../volumes/steps.ts'
import type { Volumes } from '../volumes/volumes.ts'
import type { DueProject, SnapshotRepo, SnapshotRow } from './repo.ts'
import { planRetention } from './retention.ts'
import type { SnapshotStore } from './store.ts'
import { digestProject, takeSnapshot, type TakeContext } from './take.ts'

const DEFAULT_LIMIT = 50

export interface SnapshotSettings {
  /** Most that somebody made, of one project. */
  readonly manualMost: number
  /** Automatic ones that are kept, of one project. */
  readonly automaticKept: number
  readonly isAutomatic: boolean
}

export interface SnapshotService {
  readonly create: (projectId: string, name: string | null, signal: AbortSignal) => Promise<SnapshotRow>
  readonly list: (projectId: string, page: { limit?: number, cursor?: string }) => Promise<{ rows: SnapshotRow[], nextCursor: string | null }>
  readonly get: (projectId: string, id: string) => Promise<SnapshotRow>
  /** Makes the project's files those of the snapshot, all or, if that fails, none. Before, what there is now is kept as a snapshot as well. */
  readonly restore: (projectId: string, id: string, signal: AbortSignal) => Promise<SnapshotRow>
  readonly remove: (projectId: string, id: string) => Promise<void>
  /** One of what is there now: the newest, if nothing has changed since. */
  readonly ensureCurrent: (projectId: string, signal: AbortSignal) => Promise<SnapshotRow>
  /** The same for a project at rest; nothing if it has been started or changed since it was found due. */
  readonly takeDue: (due: DueProject, signal: AbortSignal) => Promise<void>
}

export function createSnapshotService ({ repo, store, volumes, place, settings, onStep, onDiscarded, onSizeChanged }: {
  repo: SnapshotRepo
  store: SnapshotStore
  volumes: Volumes
  place: FilePlace
  settings: SnapshotSettings
  onStep: OnVolumeStep
  /** There are objects to be removed. */
  onDiscarded: () => void
  onSizeChanged: (projectId: string) => void
}): SnapshotService {
  const takeContext: TakeContext = { repo, store, onStep }

  /** With the project's files to itself. */
  async function work<T> (projectId: string, signal: AbortSignal, task: (agent: AgentConnection, lease: VolumeLease, signal: AbortSignal) => Promise<T>, { isChange = false } = {}): Promise<T> {
    try {
      return await place.use(projectId, async (agent, gone) =>
        await volumes.exclusively(projectId, async (lease) => await task(agent, lease, joinSignals(signal, gone, lease.signal)), signal), { isChange, signal })
    } catch (error) {
      throw describeArchiveFailure(error)
    }
  }

  async function ensureUnderLease (agent: AgentConnection, lease: VolumeLease, signal: AbortSignal): Promise<SnapshotRow> {
    const { projectId } = lease.project
    const [newest] = await repo.list(projectId, { limit: 1, cursor: undefined })
    if (newest?.digest?.equals(await digestProject(agent, signal)) === true) return newest
    const row = await takeSnapshot(takeContext, { agent, lease, kind: 'automatic', name: null, signal })
    for (const id of planRetention(await repo.listAll(projectId), settings.automaticKept)) await repo.discard(projectId, id)
    onDiscarded()
    return row
  }

  async function find (projectId: string, id: string): Promise<SnapshotRow> {
    const row = isUuid(id) ? await repo.find(projectId, id) : undefined
    if (row === undefined) throw new errors.SNAPSHOT_NOT_FOUND()
    return row
  }

  return {
    create: async (projectId, name, signal) => await work(projectId, signal, async (agent, lease, ending) => {
      if (await repo.countManual(projectId) >= settings.manualMost) throw new errors.SNAPSHOT_QUOTA(settings.manualMost)
      return await takeSnapshot(takeContext, { agent, lease, kind: 'manual', name, signal: ending })
    }),

    async list (projectId, { limit = DEFAULT_LIMIT, cursor }) {
      const after = cursor === undefined ? undefined : decodeCursor(cursor)
      if (cursor !== undefined && after === undefined) throw new errors.BAD_REQUEST('The cursor is none of this list: leave it out to begin again')
      return toPage(await repo.list(projectId, { limit: limit + 1, cursor: after }), limit)
    },

    get: find,

    restore: async (projectId, id, signal) => await work(projectId, signal, async (agent, lease, ending) => {
      const snapshot = await find(projectId, id)
      return await store.read(snapshot, async (members) => {
        if (settings.isAutomatic) await ensureUnderLease(agent, lease, ending)
        await volumes.change({ agent, lease, mode: 'replace', unpack: async (directory) => await unpackMembers(agent, directory, members, ending) })
        onSizeChanged(projectId)
        return snapshot
      }, ending)
    }, { isChange: true }),

    async remove (projectId, id) {
      await find(projectId, id)
      await repo.discard(projectId, id)
      onDiscarded()
    },

    ensureCurrent: async (projectId, signal) => await work(projectId, signal, ensureUnderLease),

    takeDue: async ({ projectId, dueAt }, signal) => await work(projectId, signal, async (agent, lease, ending) => {
      if (lease.project.snapshotDueAt?.getTime() !== dueAt.getTime()) return
      await ensureUnderLease(agent, lease, ending)
      await repo.clearDue(projectId, dueAt)
    })
  }
}
