import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { listFiles } from '../../../sandbox/agent-client/files.ts'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import { isOwnName } from '../../core/names.ts'

const DEEPEST = 40
const PAGE_ENTRIES = 4_000

export interface ListingOptions {
  /** Names of directories that are left out with their content, and of files. */
  readonly exclude?: readonly string[]
  readonly signal?: AbortSignal
  /** Told of how many directories the content could not be listed. */
  readonly onUnlisted?: (directories: number) => void
}

/** Everything beneath the root but what is ours, in pages: sorted, each directory before its content. */
export async function * listProject (agent: AgentConnection, options: ListingOptions = {}): AsyncGenerator<FileEntry> {
  const excluded = new Set(options.exclude)
  for await (const entry of listTree(agent, Buffer.alloc(0), options)) {
    const names = entry.path.toString('latin1').split('/')
    const isOwn = isOwnName(Buffer.from(names[0] ?? '', 'latin1'))
    if (!isOwn && !names.some((name) => excluded.has(Buffer.from(name, 'latin1').toString()))) yield entry
  }
}

async function * listTree (agent: AgentConnection, path: Buffer, options: ListingOptions): AsyncGenerator<FileEntry> {
  const deepest = depthOf(path) + DEEPEST
  for await (const entry of listPages(agent, path, DEEPEST, options)) {
    yield entry
    // The agent goes no deeper by itself.
    if (entry.type === 'directory' && depthOf(entry.path) === deepest) yield * listTree(agent, entry.path, options)
  }
}

/** A directory's own entries. */
export async function * listDirectory (agent: AgentConnection, path: Buffer, signal?: AbortSignal): AsyncGenerator<FileEntry> {
  yield * listPages(agent, path, 1, signal === undefined ? {} : { signal })
}

async function * listPages (agent: AgentConnection, path: Buffer, depth: number, { exclude = [], signal, onUnlisted }: ListingOptions): AsyncGenerator<FileEntry> {
  const request = { ...(path.length === 0 ? {} : { path }), depth, limit: PAGE_ENTRIES, exclude }
  for (let after: Buffer | undefined; ;) {
    const { entries, truncated, unlisted } = await listFiles(agent, { ...request, ...(after === undefined ? {} : { after }) }, signal)
    if (unlisted > 0) onUnlisted?.(unlisted)
    yield * entries
    after = entries.at(-1)?.path
    if (!truncated || after === undefined) return
  }
}

function depthOf (path: Buffer): number {
  return path.length === 0 ? 0 : path.toString('latin1').split('/').length
}
