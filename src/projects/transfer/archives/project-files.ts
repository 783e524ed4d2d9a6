import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { prepareAhead } from '../../../lib/prepare-ahead.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../../sandbox/agent-client/errors.ts'
import { readFile } from '../../../sandbox/agent-client/read-file.ts'
import { ErrorCode, type FileEntry } from '../../../sandbox/agent-protocol.ts'

/** One file, directory or link of a project, on its way out. */
export interface ProjectFile {
  /** Its size is that of the content; of a large file until it is opened as it was listed. */
  readonly entry: FileEntry
  /** Of a file that was small enough to be read ahead; empty for what has no content. */
  readonly content?: Buffer
  /** Opens a large file; undefined if it is gone, or cannot be read. */
  readonly open?: () => Promise<{ readonly size: number, readonly bytes: Readable } | undefined>
}

/** In a differential snapshot: what was there before is to go. */
export interface Removal {
  readonly removed: Buffer
}

export interface ReadOptions {
  readonly signal: AbortSignal
  /** Told of each that is no file, directory or link, or cannot be read. */
  readonly onLeftOut: () => void
}

/** What is read whole and ahead: as many of these are in memory as are read ahead. */
const SMALL_BYTES = 256 * 1024
const AHEAD = 16

/** Reads the listed files in their order, small ones ahead: one after the other each would cost a round trip. */
export async function * readProjectFiles<T extends FileEntry | Removal> (agent: AgentConnection, entries: AsyncIterable<T>, options: ReadOptions): AsyncGenerator<ProjectFile | Exclude<T, FileEntry>> {
  const prepared = prepareAhead(entries, AHEAD, async (entry) => isRemoval(entry) ? entry as Exclude<T, FileEntry> : await prepare(agent, entry, options))
  for await (const file of prepared) {
    if (file !== undefined) yield file
  }
}

export function isRemoval (entry: FileEntry | ProjectFile | Removal): entry is Removal {
  return 'removed' in entry
}

async function prepare (agent: AgentConnection, entry: FileEntry, options: ReadOptions): Promise<ProjectFile | undefined> {
  if (entry.type === 'other') {
    options.onLeftOut()
    return undefined
  }
  if (entry.type !== 'file') return { entry }
  const open = async () => await openFile(agent, entry, options)
  if (entry.size > SMALL_BYTES) return { entry, open }
  const opened = await open()
  if (opened === undefined) return undefined
  // It has grown since it was listed.
  if (opened.size > SMALL_BYTES) {
    opened.bytes.destroy()
    return { entry, open }
  }
  const content = await buffer(opened.bytes)
  return { entry: { ...entry, size: content.length }, content }
}

async function openFile (agent: AgentConnection, { path }: FileEntry, { signal, onLeftOut }: ReadOptions) {
  try {
    const { entry, bytes } = await readFile(agent, path, {}, signal)
    return { size: entry.size, bytes }
  } catch (error) {
    if (!(error instanceof AgentOperationError)) throw error
    if (error.code === ErrorCode.NOT_FOUND) return undefined
    if (error.code !== ErrorCode.DENIED && error.code !== ErrorCode.SPECIAL && error.code !== ErrorCode.BAD_PATH) throw error
    onLeftOut()
    return undefined
  }
}
