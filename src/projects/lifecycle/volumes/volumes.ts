import type { DockerClient } from '../../../docker/index.ts'
import { each } from '../../../lib/each.ts'
import { joinSignals } from '../../../lib/join-signals.ts'
import type { PlannedFile } from '../../../programs/source-files.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../../sandbox/agent-client/errors.ts'
import { syncFiles } from '../../../sandbox/agent-client/files.ts'
import { writeFile } from '../../../sandbox/agent-client/write-file.ts'
import { VolumeLostError, workspaceExists } from '../../../sandbox/workspace.ts'
import type { EngineBinding } from '../binding/binding.ts'
import { changeFiles, finishChange, isBeingPlaced, type Change } from './change.ts'
import type { Exclusively, VolumeLease } from './exclusive.ts'
import type { VolumeRepo, VolumeRow } from './repo.ts'
import type { OnVolumeStep } from './steps.ts'

/** Another server may have died in the middle of a change since; whoever works all the time does not ask the database each time. */
const CHECK_INTERVAL_MS = 1_000
const AT_ONCE = 16
const FEW = 32

export interface Volumes {
  /**
   * Creates a container on the volume, which `create` makes if nobody has worked in it yet, as it does when the Engine has
   * lost the one there was. Says whether it has to be filled.
   */
  readonly createOn: <T>(projectId: string, create: (isNew: boolean) => Promise<T>, signal?: AbortSignal) => Promise<{ needsFilling: boolean, created: T }>
  /** Puts into the volume what it has to hold before anybody works on it. Cheap when it does. The signal ends it half-way, to be begun again. */
  readonly ensureReady: (projectId: string, agent: AgentConnection, signal?: AbortSignal) => Promise<void>
  readonly exclusively: Exclusively
  /** Changes many files at once, or none. Under a lease of `exclusively`. */
  readonly change: (change: Change) => Promise<void>
}

export type RestoreNewest = (agent: AgentConnection, lease: VolumeLease, change: (change: Change) => Promise<void>) => Promise<boolean>

export interface VolumesOptions {
  readonly docker: DockerClient
  readonly repo: VolumeRepo
  readonly instanceId: string
  /** Another Engine has none of the volumes, and none is lost for that. */
  readonly binding: Pick<EngineBinding, 'ensure' | 'check'>
  readonly exclusively: Exclusively
  /** Puts the newest snapshot into the volume by `change`; false if there is none that can be read. */
  readonly restoreNewest: RestoreNewest
  /** A volume has been made again in place of one that was lost. */
  readonly onRecovered: (projectId: string, isRestored: boolean) => void
  /** What a crash has left of a change could not be carried out: its rest stays where it is. */
  readonly onStuck: (projectId: string, error: Error) => void
  readonly onStep: OnVolumeStep
}

/** Whether the volume is as it should be, asked through one connection. */
interface Check {
  readonly outcome: Promise<void>
  /** When it is due again; never while it goes on. */
  until: number
}

export function createVolumes ({ docker, repo, instanceId, binding, exclusively, restoreNewest, onRecovered, onStuck, onStep }: VolumesOptions): Volumes {
  const checks = new WeakMap<AgentConnection, Check>()

  async function check (projectId: string, agent: AgentConnection, signal: AbortSignal | undefined): Promise<void> {
    const checking: Check = { outcome: recoverIfNeeded(projectId, agent, signal), until: Infinity }
    checks.set(agent, checking)
    await checking.outcome.finally(() => { checking.until = performance.now() + CHECK_INTERVAL_MS })
  }

  /** Only the lease holder may carry out or discard a change that is prepared. */
  async function recoverIfNeeded (projectId: string, agent: AgentConnection, signal: AbortSignal | undefined): Promise<void> {
    const row = await repo.find(projectId)
    if (isReady(row)) return
    const isOnlyPrepared = row !== undefined && row.filledAt !== null && row.isLeased && !await isBeingPlaced(agent)
    if (!isOnlyPrepared) await exclusively(projectId, async (lease) => await recover(agent, { ...lease, signal: joinSignals(lease.signal, signal) }), signal)
  }

  async function recover (agent: AgentConnection, lease: VolumeLease): Promise<void> {
    const { subject: volume, token, signal } = lease
    if (isReady(volume)) return
    await finishChange(agent, signal).catch((error: unknown) => {
      // Such as permissions that the guest has set since. The project must not be out of reach for good.
      if (!(error instanceof AgentOperationError)) throw error
      onStuck(volume.projectId, error)
    })
    await repo.setChanging(volume.projectId, token, false)
    if (volume.filledAt === null) await fillUnderLease(agent, lease)
  }

  async function fillUnderLease (agent: AgentConnection, lease: VolumeLease): Promise<void> {
    const { subject: { projectId, lostAt }, token } = lease
    const isRestored = await restoreNewest(agent, lease, change)
    if (!isRestored) {
      await writeFirstFiles(agent, await repo.firstFiles(projectId))
    }
    await repo.markFilled(projectId, token, { wasLost: lostAt !== null, isRestored })
    if (lostAt !== null) onRecovered(projectId, isRestored)
  }

  async function change (change: Change): Promise<void> {
    await changeFiles({ repo, onStep }, change)
  }

  async function volumeExists (projectId: string, signal: AbortSignal | undefined): Promise<boolean> {
    return await workspaceExists(docker, { projectId, instanceId }, signal === undefined ? {} : { signal })
  }

  /** With the volume to oneself: another server may have noticed the same, and made it anew since. */
  async function noticeLoss (projectId: string, signal: AbortSignal | undefined): Promise<void> {
    await exclusively(projectId, async ({ subject, token, signal: ending }) => {
      if (subject.filledAt === null || await volumeExists(projectId, joinSignals(ending, signal))) return
      await repo.markLost(projectId, token)
    }, signal)
  }

  /** Notices when the Engine has lost the volume. Says whether it has to be filled, and whether nobody has worked in it yet. */
  async function prepare (projectId: string, signal: AbortSignal | undefined): Promise<{ needsFilling: boolean, isNew: boolean }> {
    await binding.ensure()
    const row = await repo.find(projectId)
    const exists = await volumeExists(projectId, signal)
    if (row === undefined || row.filledAt === null) return { needsFilling: true, isNew: true }
    if (exists) return { needsFilling: !isReady(row), isNew: false }
    await binding.check()
    await noticeLoss(projectId, signal)
    return { needsFilling: true, isNew: true }
  }

  return {
    exclusively,

    async createOn (projectId, create, signal) {
      const attempt = async () => {
        const { needsFilling, isNew } = await prepare(projectId, signal)
        return { needsFilling, created: await create(isNew) }
      }
      return await attempt().catch(async (error: unknown) => {
        // After it was prepared.
        if (!(error instanceof VolumeLostError)) throw error
        return await attempt()
      })
    },

    async ensureReady (projectId, agent, signal) {
      const last = checks.get(agent)
      const isFresh = last !== undefined && performance.now() < last.until
      await (isFresh ? last.outcome : check(projectId, agent, signal))
    },

    change
  }
}

async function writeFirstFiles (agent: AgentConnection, files: readonly PlannedFile[]): Promise<void> {
  // One sync of the whole file system, which others write to as well, costs as much as that of some files.
  const sync = files.length <= FEW
  await each(files, AT_ONCE, async ({ path, content }) => { await writeFile(agent, path, content, { sync }) })
  if (!sync) await syncFiles(agent)
}

function isReady (volume: VolumeRow | undefined): boolean {
  return volume !== undefined && volume.filledAt !== null && !volume.isChanging
}
