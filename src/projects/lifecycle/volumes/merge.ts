import { each } from '../../../lib/each.ts'
import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { statFile } from '../../../sandbox/agent-client/files.ts'
import { movePath, removePath } from '../../../sandbox/agent-client/trees.ts'
import { ErrorCode, type FileEntry } from '../../../sandbox/agent-protocol.ts'
import { errors } from '../../../errors.ts'
import { listDirectory } from './listing.ts'
import { isOwnName, joinPath, nameOf } from '../../core/names.ts'
import { undefinedIf } from './undefined-if.ts'

/** One of many pipelined operations; the agent takes 64 channels. */
const AT_ONCE = 16
/** Write and search, without which nothing can be moved into a directory. */
const OWNER_MAY_CHANGE = 0o300

/**
 * Moves what is in `from` into the directory `to`, where directories that both have are merged and everything else is
 * replaced. What has been moved is not in `from` any more, so that it can be begun again after a crash.
 */
export async function mergeDirectory (agent: AgentConnection, from: Buffer, to: Buffer, signal: AbortSignal): Promise<void> {
  const shared: Array<{ from: Buffer, to: Buffer }> = []
  await each(listDirectory(agent, from, signal), AT_ONCE, async (entry) => {
    const target = joinPath(to, nameOf(entry.path))
    const isShared = entry.type === 'directory' && (await lookUp(agent, target, signal))?.type === 'directory'
    if (isShared) shared.push({ from: entry.path, to: target })
    else await movePath(agent, entry.path, target, { overwrite: true })
  })
  for (const directory of shared) await mergeDirectory(agent, directory.from, directory.to, signal)
}

/** Throws FILE_DENIED while it still costs nothing, if a directory that would be merged into cannot be changed. */
export async function checkMergeable (agent: AgentConnection, from: Buffer, to: Buffer, signal: AbortSignal): Promise<void> {
  const target = await lookUp(agent, to, signal)
  if (target?.type !== 'directory') return
  if ((target.mode & OWNER_MAY_CHANGE) !== OWNER_MAY_CHANGE) throw new errors.FILE_DENIED(JSON.stringify(to.toString()))
  for await (const entry of listDirectory(agent, from, signal)) {
    if (entry.type === 'directory') await checkMergeable(agent, entry.path, joinPath(to, nameOf(entry.path)), signal)
  }
}

/** Removes everything from the root but what is ours. */
export async function clearRoot (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  await each(listDirectory(agent, Buffer.alloc(0), signal), AT_ONCE, async ({ path }) => {
    if (!isOwnName(path)) await undefinedIf(ErrorCode.NOT_FOUND, removePath(agent, path, { recursive: true }, signal))
  })
}

async function lookUp (agent: AgentConnection, path: Buffer, signal: AbortSignal): Promise<FileEntry | undefined> {
  return await undefinedIf(ErrorCode.NOT_FOUND, statFile(agent, path, {}, signal))
}
