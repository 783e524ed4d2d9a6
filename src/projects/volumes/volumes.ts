import type { DockerClient } from '../../docker/index.ts'
import { each } from '../../lib/each.ts'
import type { PlannedFile } from '../../programs/source-files.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { syncFiles } from '../../sandbox/agent-client/files.ts'
import { writeFile } from '../../sandbox/agent-client/write-file.ts'
import { projectVolumeExists } from '../../sandbox/project-sandbox.ts'
import { changeFiles, finishChange, isBeingPlaced, type Change } from './change.ts'
import type { Exclusively, VolumeLease } from './exclusive.ts'
import type { VolumeRepo, VolumeRow } from './repo.ts'
import type { OnVolumeStep } from './steps.ts'

const AT_ONCE = 16
const FEW = 32

export interface Volumes {
  /**
   * Before a container is made that would make the volume: notices when the Engine has lost the one there was. Says
   * whether it has to be filled.
   */
  readonly prepare: (projectId: string) => Promise<{ needsFilling: boolean }>
  /** Puts into the volume what it has to hold before anybody works on it. Cheap when it does. */
  readonly fill: (projectId: string, agent: AgentConnection) => Promise<void>
  readonly exclusively: Exclusively
  /** Changes many files at once, or none. Under a lease of `exclusively`. */
  readonly change: (change: Change) => Promise<void>
}

export interface VolumesOptions {
  readonly docker: DockerClient
  readonly repo: VolumeRepo
  readonly exclusively: Exclusively
  /** Puts the newest snapshot into the volume; false if there is none that can be read. */
  readonly restoreNewest: (agent: AgentConnection, lease: VolumeLease) => Promise<boolean>
  /** A volume has been made again in place of one that was lost. */
  readonly onRecovered: (projectId: string, isRestored: boolean) => void
  readonly onStep: OnVolumeStep
}

export function createVolumes ({ docker, repo, exclusively, restoreNewest, onRecovered, onStep }: VolumesOptions): Volumes {
  // By connection: who has a new one may find a volume that another server left half filled.
  const filled = new WeakMap<AgentConnection, Promise<boolean>>()

  /** False while somebody is preparing a change of many files, which that one carries out or the next one has to take back. */
  async function fillOnce (projectId: string, agent: AgentConnection): Promise<boolean> {
    const row = await repo.find(projectId)
    if (isReady(row)) return true
    if (row !== undefined && row.filledAt !== null && row.isLeased && !await isBeingPlaced(agent)) return false
    await exclusively(projectId, async (lease) => await mend(agent, lease))
    return true
  }

  async function mend (agent: AgentConnection, lease: VolumeLease): Promise<void> {
    const { project: volume, token, signal } = lease
    if (isReady(volume)) return
    await finishChange(agent, signal)
    await repo.setChanging(volume.projectId, token, false)
    if (volume.filledAt === null) await fillUnderLease(agent, lease)
  }

  async function fillUnderLease (agent: AgentConnection, lease: VolumeLease): Promise<void> {
    const { project: { projectId, lostAt }, token } = lease
    const isRestored = await restoreNewest(agent, lease)
    if (!isRestored) {
      await writeFirstFiles(agent, await repo.firstFiles(projectId))
    }
    await repo.markFilled(projectId, token)
    if (lostAt !== null) onRecovered(projectId, isRestored)
  }

  return {
    exclusively,

    async prepare (projectId) {
      const row = await repo.find(projectId)
      if (row === undefined || row.filledAt === null) return { needsFilling: true }
      if (await projectVolumeExists(docker, projectId)) return { needsFilling: !isReady(row) }
      await repo.markLost(projectId)
      return { needsFilling: true }
    },

    async fill (projectId, agent) {
      const filling = filled.get(agent) ?? fillOnce(projectId, agent)
      filled.set(agent, filling)
      const isDone = await filling.catch((error: unknown) => {
        filled.delete(agent)
        throw error
      })
      if (!isDone) filled.delete(agent)
    },

    async change (change) {
      await changeFiles({ repo, onStep }, change)
    }
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
