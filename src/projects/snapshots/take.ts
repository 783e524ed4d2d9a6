import { errors } from '../../errors.ts'
import type { SnapshotKind } from '../../db/schema/snapshots.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import type { FileEntry } from '../../sandbox/agent-protocol.ts'
import { packTar } from '../archives/pack-tar.ts'
import { readProjectFiles } from '../archives/project-files.ts'
import type { VolumeLease } from '../volumes/exclusive.ts'
import { listProject } from '../volumes/listing.ts'
import type { OnVolumeStep } from '../volumes/steps.ts'
import { createListingDigest } from './digest.ts'
import type { SnapshotRepo, SnapshotRow } from './repo.ts'
import type { SnapshotStore } from './store.ts'

export interface TakeContext {
  readonly repo: SnapshotRepo
  readonly store: SnapshotStore
  readonly onStep: OnVolumeStep
}

export interface Taking {
  readonly agent: AgentConnection
  readonly lease: VolumeLease
  readonly kind: SnapshotKind
  readonly name: string | null
  readonly signal: AbortSignal
}

/** Stores everything that is in the project now. What fails half way leaves a row that nobody sees and the sweep finds. */
export async function takeSnapshot ({ repo, store, onStep }: TakeContext, { agent, lease: { project: { projectId } }, kind, name, signal }: Taking): Promise<SnapshotRow> {
  const objectKey = store.newKey(projectId)
  const id = await repo.begin({ projectId, name, kind, objectKey })
  try {
    onStep('snapshot:begun', projectId)
    const census = createCensus()
    const listing = census.pass(listProject(agent, { signal, onUnlisted: census.leaveOut }))
    const files = readProjectFiles(agent, listing, { signal, onLeftOut: () => census.leaveOut(1) })
    const stored = await store.put(objectKey, packTar(files), signal)
    onStep('snapshot:stored', projectId)
    const row = await repo.complete(id, { ...stored, ...census.value() })
    if (row === undefined) throw new errors.PROJECT_NOT_FOUND()
    onStep('snapshot:complete', projectId)
    return row
  } catch (error) {
    await repo.discard(projectId, id).catch(() => {
      // The database is away; the sweep finds a snapshot that nobody works on.
    })
    throw error
  }
}

/** What there is now, as compared with what a snapshot holds. */
export async function digestProject (agent: AgentConnection, signal: AbortSignal): Promise<Buffer> {
  const digest = createListingDigest()
  for await (const entry of listProject(agent, { signal })) digest.add(entry)
  return digest.value()
}

function createCensus () {
  const digest = createListingDigest()
  let files = 0
  let leftOut = 0
  return {
    async * pass (entries: AsyncIterable<FileEntry>): AsyncGenerator<FileEntry> {
      for await (const entry of entries) {
        digest.add(entry)
        if (entry.type === 'file') files++
        yield entry
      }
    },
    leaveOut: (count: number): void => { leftOut += count },
    value: () => ({ files, leftOut, digest: digest.value() })
  }
}
