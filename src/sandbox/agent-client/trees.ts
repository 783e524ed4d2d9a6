import {
  decodeEntryResult, decodeRemoveResult, decodeUsageResult, encodeCopy, encodeMove, encodeRemove, encodeUsage,
  type AgentPath, type FileEntry, type FileUsage
} from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'
import { resultOf } from './result.ts'

/** Renames a file, a link or a directory. Without `overwrite` what is at `to` already is `EXISTS`. */
export async function movePath (agent: AgentConnection, path: AgentPath, to: AgentPath, options: { overwrite?: boolean } = {}): Promise<FileEntry> {
  return decodeEntryResult(await agent.open(encodeMove({ path, to, ...options })).result)
}

/** Copies a file, a link or a whole directory, which appears at `to` when it is complete. `TOO_LARGE` beyond `maxBytes`. */
export async function copyPath (
  agent: AgentConnection, path: AgentPath, to: AgentPath, options: { overwrite?: boolean, maxBytes?: number } = {}, signal?: AbortSignal
): Promise<FileEntry> {
  signal?.throwIfAborted()
  return decodeEntryResult(await resultOf(agent.open(encodeCopy({ path, to, ...options })), signal))
}

/** Removes a file, a link or an empty directory, or with `recursive` a whole one; how many entries that were. */
export async function removePath (
  agent: AgentConnection, path: AgentPath, options: { recursive?: boolean } = {}, signal?: AbortSignal
): Promise<number> {
  signal?.throwIfAborted()
  const result = await resultOf(agent.open(encodeRemove({ path, ...options })), signal)
  return decodeRemoveResult(result).removedEntries
}

/** What everything beneath the root takes on the disk, without the content of directories of the excluded names. */
export async function measureUsage (agent: AgentConnection, options: { exclude?: readonly AgentPath[] } = {}, signal?: AbortSignal): Promise<FileUsage> {
  signal?.throwIfAborted()
  return decodeUsageResult(await resultOf(agent.open(encodeUsage(options)), signal))
}
