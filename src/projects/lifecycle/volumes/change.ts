import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { makeDirectory, statFile, syncFiles } from '../../../sandbox/agent-client/files.ts'
import { movePath, removePath } from '../../../sandbox/agent-client/trees.ts'
import { ErrorCode } from '../../../sandbox/agent-protocol.ts'
import { OWN_PREFIX } from '../../core/names.ts'
import type { VolumeLease } from './exclusive.ts'
import { checkMergeable, clearRoot, mergeDirectory } from './merge.ts'
import type { VolumeRepo } from './repo.ts'
import type { OnVolumeStep } from './steps.ts'
import { undefinedIf } from './undefined-if.ts'

/** What is being unpacked; a crash leaves it to be removed. */
const STAGING = `${OWN_PREFIX}staging`
/** Complete: from the rename to this name on the change is carried out, whatever happens. First everything else goes, ... */
const REPLACING = `${OWN_PREFIX}replacing`
/** ... then, or first where the rest stays, what is in here takes its place. */
const MERGING = `${OWN_PREFIX}merging`
/** What is left: empty directories. */
const TRASH = `${OWN_PREFIX}trash`

const ROOT = Buffer.alloc(0)

/** Whether the new files are added to what there is, or are all there is. */
export type ChangeMode = 'merge' | 'replace'

export interface Change {
  readonly agent: AgentConnection
  readonly lease: VolumeLease
  readonly mode: ChangeMode
  /** Writes the new files beneath that directory. */
  readonly unpack: (directory: string) => Promise<void>
}

export interface ChangeContext {
  readonly repo: VolumeRepo
  readonly onStep: OnVolumeStep
}

/** Changes many files at once: all of them or, if that fails or the server dies before all are there, none. */
export async function changeFiles ({ repo, onStep }: ChangeContext, { agent, lease, mode, unpack }: Change): Promise<void> {
  const { subject: { projectId }, token, signal } = lease
  await repo.setChanging(projectId, token, true)
  onStep('change:begun', projectId)
  await finishChange(agent, signal)
  try {
    await stage({ agent, lease, mode, unpack }, () => onStep('change:staged', projectId))
  } catch (error) {
    if (!signal.aborted && await isCleanedUp(agent)) await repo.setChanging(projectId, token, false)
    throw error
  }
  onStep('change:committed', projectId)
  await finishChange(agent, signal, (step) => onStep(step, projectId))
  await repo.setChanging(projectId, token, false)
  onStep('change:settled', projectId)
}

async function stage ({ agent, lease: { signal }, mode, unpack }: Change, onStaged: () => void): Promise<void> {
  await makeDirectory(agent, STAGING)
  await unpack(STAGING)
  if (mode === 'merge') await checkMergeable(agent, Buffer.from(STAGING), ROOT, signal)
  // What the name below promises has to be on the disk before it.
  await syncFiles(agent)
  onStaged()
  await movePath(agent, STAGING, mode === 'merge' ? MERGING : REPLACING)
}

/** False when the agent is gone or in trouble: whoever works on the project next cleans up. */
async function isCleanedUp (agent: AgentConnection): Promise<boolean> {
  return await removeTree(agent, STAGING).then(() => true, () => false)
}

/** Carries out what a crash has interrupted, or takes it back if it had not been complete. Harmless when there is nothing. */
export async function finishChange (agent: AgentConnection, signal: AbortSignal, onStep: (step: 'change:cleared' | 'change:placed') => void = () => undefined): Promise<void> {
  await removeTree(agent, STAGING)
  if (await isThere(agent, REPLACING, signal)) {
    await clearRoot(agent, signal)
    await movePath(agent, REPLACING, MERGING)
    onStep('change:cleared')
  }
  if (await isThere(agent, MERGING, signal)) {
    await mergeDirectory(agent, Buffer.from(MERGING), ROOT, signal)
    await movePath(agent, MERGING, TRASH)
    onStep('change:placed')
  }
  await removeTree(agent, TRASH)
  await syncFiles(agent)
}

/** Whether a change is on its way that nobody may look at half done. */
export async function isBeingPlaced (agent: AgentConnection): Promise<boolean> {
  const found = await Promise.all([REPLACING, MERGING].map(async (name) => await isThere(agent, name)))
  return found.includes(true)
}

async function isThere (agent: AgentConnection, name: string, signal?: AbortSignal): Promise<boolean> {
  return await undefinedIf(ErrorCode.NOT_FOUND, statFile(agent, name, {}, signal)) !== undefined
}

async function removeTree (agent: AgentConnection, name: string): Promise<void> {
  await undefinedIf(ErrorCode.NOT_FOUND, removePath(agent, name, { recursive: true }))
}
