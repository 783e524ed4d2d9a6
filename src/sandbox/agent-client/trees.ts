import {
  decodeEntryResult, decodeRemoveResult, decodeSpaceResult, decodeUsageResult, encodeCopy, encodeMove, encodeRemove, encodeSpace, encodeUsage,
  type AgentPath, type FileEntry, type FileSystemSpace, type FileUsage, type UsageRequest
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

/** What everything beneath the root takes on the disk, or at least so much where it is more than the most that is asked for. */
export async function measureUsage (agent: AgentConnection, options: UsageRequest = {}, signal?: AbortSignal): Promise<FileUsage> {
  signal?.throwIfAborted()
  return decodeUsageResult(await resultOf(agent.open(encodeUsage(options)), signal))
}

/** What is left of the file system that the root is on. */
export async function readSpace (agent: AgentConnection, signal?: AbortSignal): Promise<FileSystemSpace> {
  signal?.throwIfAborted()
  return decodeSpaceResult(await resultOf(agent.open(encodeSpace()), signal))
}
