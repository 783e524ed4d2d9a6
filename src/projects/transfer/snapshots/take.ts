import type { SnapshotKind } from '../../../db/schema/snapshots.ts'
import { errors } from '../../../errors.ts'
import { createPauses } from '../../../lib/pauses.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import { FASTEST_LEVEL, USUAL_LEVEL } from '../archives/compress.ts'
import { packTar } from '../archives/pack-tar.ts'
import { isRemoval, readProjectFiles, type Removal } from '../archives/project-files.ts'
import type { VolumeLease } from '../../lifecycle/volumes/exclusive.ts'
import { listProject } from '../../lifecycle/volumes/listing.ts'
import type { OnVolumeStep } from '../../lifecycle/volumes/steps.ts'
import { isWorthBase, largestDifference } from './base.ts'
import { createCensus } from './census.ts'
import { differenceOf } from './difference.ts'
import { createIndexWriter, readIndex } from './index-file.ts'
import type { Base, SnapshotRepo, SnapshotRow } from './repo.ts'
import type { SnapshotStore } from './store.ts'

export interface TakeContext {
  readonly repo: SnapshotRepo
  readonly store: SnapshotStore
  readonly onStep: OnVolumeStep
  /** Of a project's files, with their holes. */
  readonly mostContentBytes: number
}

export interface Taking {
  readonly agent: AgentConnection
  readonly lease: VolumeLease
  readonly kind: SnapshotKind
  readonly name: string | null
  /** That its object may have. */
  readonly mostBytes: number
  readonly signal: AbortSignal
  /** Something was read or listed: for whoever watches that it goes on. */
  readonly onProgress: () => void
}

/** More has changed than a differential snapshot is good for. */
class DifferenceTooLargeError extends Error {
  override readonly name = 'DifferenceTooLargeError'
}

/** Stores what is in the project now, as what differs from the base where that is less. What fails half way leaves a row that nobody sees and the sweep finds. */
export async function takeSnapshot (context: TakeContext, taking: Taking, base: Base | undefined): Promise<SnapshotRow> {
  if (base === undefined) return await take(context, taking, undefined)
  try {
    return await take(context, taking, base)
  } catch (error) {
    const isBaseOfNoUse = error instanceof DifferenceTooLargeError || error instanceof errors.SNAPSHOT_DAMAGED
    if (!isBaseOfNoUse) throw error
    return await take(context, taking, undefined)
  }
}

async function take ({ repo, store, onStep, mostContentBytes }: TakeContext, { agent, lease, kind, name, mostBytes, signal, onProgress }: Taking, base: Base | undefined): Promise<SnapshotRow> {
  const { projectId } = lease.subject
  const objectKey = store.newKey(projectId)
  const id = await repo.begin({ projectId, name, kind, objectKey, base })
  if (id === undefined) throw new errors.SNAPSHOT_DAMAGED()
  let mayBeComplete = false
  try {
    onStep('snapshot:begun', projectId)
    const census = createCensus(mostContentBytes)
    const listing = census.pass(listProject(agent, { signal, onUnlisted: census.leaveOut }))
    const index = base === undefined ? createIndexWriter(Date.now()) : undefined
    const entries = base === undefined ? listing : atMost(differenceOf(readIndex(await store.openIndex(base.objectKey, signal)), listing), largestDifference(base))
    const files = readProjectFiles(agent, watched(entries, onProgress), { signal, onLeftOut: () => census.leaveOut(1) })
    const tar = packTar(files, index?.add)
    const level = kind === 'automatic' ? FASTEST_LEVEL : USUAL_LEVEL
    const stored = await store.put(objectKey, tar, { level, mostBytes, onProgress }, signal)
    onStep('snapshot:stored', projectId)
    const listed = await index?.finish()
    if (listed !== undefined && isWorthBase(census.contentBytes())) await store.putIndex(objectKey, listed, signal)
    onStep('snapshot:indexed', projectId)
    signal.throwIfAborted()
    mayBeComplete = true
    const row = await repo.complete(id, { ...stored, ...census.value() })
    mayBeComplete = row !== undefined
    if (row === undefined) throw new errors.PROJECT_NOT_FOUND()
    onStep('snapshot:complete', projectId)
    return row
  } catch (error) {
    if (!mayBeComplete) {
      await abandon({ repo, store }, { projectId, id, objectKey }).catch(() => {
        // The database or the storage is away; the sweep finds a snapshot that nobody works on.
      })
    }
    throw error
  }
}

/** A deleted project's row may have been swept before its object was written, and nobody else knows of that. */
async function abandon ({ repo, store }: Pick<TakeContext, 'repo' | 'store'>, { projectId, id, objectKey }: { projectId: string, id: string, objectKey: string }): Promise<void> {
  await repo.discard(projectId, id)
  await store.remove(objectKey)
}

/** What there is now, as compared with what a snapshot holds. Throws SNAPSHOT_TOO_LARGE. */
export async function surveyProject (agent: AgentConnection, { mostContentBytes, signal, onProgress }: { mostContentBytes: number, signal: AbortSignal, onProgress: () => void }): Promise<{ digest: Buffer, isEmpty: boolean }> {
  const census = createCensus(mostContentBytes)
  for await (const entry of census.pass(listProject(agent, { signal }))) {
    void entry
    onProgress()
  }
  return { digest: census.value().digest, isEmpty: census.isEmpty() }
}

async function * watched<T extends FileEntry | Removal> (entries: AsyncIterable<T>, onProgress: () => void): AsyncGenerator<T> {
  const pause = createPauses()
  for await (const entry of entries) {
    onProgress()
    yield entry
    await pause(isRemoval(entry) ? entry.removed.length : entry.path.length)
  }
}

async function * atMost (entries: AsyncIterable<FileEntry | Removal>, mostBytes: number): AsyncGenerator<FileEntry | Removal> {
  let bytes = 0
  for await (const entry of entries) {
    bytes += isRemoval(entry) || entry.type !== 'file' ? 0 : entry.size
    if (bytes > mostBytes) throw new DifferenceTooLargeError()
    yield entry
  }
}
