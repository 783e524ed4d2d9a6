import {
  AgentProtocolError, decodeCreationResult, decodeEntries, decodeEntryResult, decodeListResult, decodeSyncResult, encodeLink,
  encodeList, encodeMakeDirectory, encodeStat, encodeSync, type AgentPath, type FileEntry, type ListRequest
} from '../agent-protocol.ts'
import type { AgentConnection } from './connection.ts'
import { resultOf } from './result.ts'

// What the agent takes for a limit that is not given.
const DEFAULT_LIMIT = 1000

/** What a path names: the link itself where it is one, unless it is to be followed. "" is the root. */
export async function statFile (agent: AgentConnection, path: AgentPath, options: { follow?: boolean } = {}, signal?: AbortSignal): Promise<FileEntry> {
  signal?.throwIfAborted()
  return decodeEntryResult(await resultOf(agent.open(encodeStat({ path, ...options })), signal))
}

export interface Listing {
  /** By name within a directory, each directory before its content. */
  entries: FileEntry[]
  /** There is more: it comes after the path of the last entry. */
  truncated: boolean
  /** Directories whose content could not be listed: unreadable, or too deep for a path. */
  unlisted: number
}

/** A directory's content. Links are not followed, except on the way to the directory. */
export async function listFiles (agent: AgentConnection, request: ListRequest = {}, signal?: AbortSignal): Promise<Listing> {
  signal?.throwIfAborted()
  const limit = request.limit ?? DEFAULT_LIMIT
  const entries: FileEntry[] = []
  const channel = agent.open(encodeList(request), {
    onData: (_stream, bytes) => {
      for (const entry of decodeEntries(bytes)) entries.push(entry)
      if (entries.length > limit) throw new AgentProtocolError('the agent listed more entries than was asked for')
    }
  })
  const { entries: count, truncated, unlisted } = decodeListResult(await resultOf(channel, signal))
  if (count !== entries.length) throw new AgentProtocolError(`the agent sent ${entries.length} of ${count} entries`)
  return { entries, truncated, unlisted }
}

/** Makes a directory, with its parents, unless it is there. The permissions, if any are given, are also those of one that is there. */
export async function makeDirectory (agent: AgentConnection, path: AgentPath, options: { mode?: number } = {}): Promise<{ entry: FileEntry, created: boolean }> {
  return decodeCreationResult(await agent.open(encodeMakeDirectory({ path, ...options })).result)
}

/** Makes a symbolic link to `target`, wherever that leads. */
export async function makeLink (agent: AgentConnection, path: AgentPath, target: AgentPath, options: { overwrite?: boolean } = {}): Promise<FileEntry> {
  return decodeEntryResult(await agent.open(encodeLink({ path, target, ...options })).result)
}

/** Resolves when everything written so far has reached the disk. */
export async function syncFiles (agent: AgentConnection): Promise<void> {
  decodeSyncResult(await agent.open(encodeSync()).result)
}
