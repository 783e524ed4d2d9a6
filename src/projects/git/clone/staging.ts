import type { AgentConnection } from '../../../sandbox/agent-client/connection.ts'
import { statFile, syncFiles } from '../../../sandbox/agent-client/files.ts'
import { movePath, removePath } from '../../../sandbox/agent-client/trees.ts'
import { ErrorCode } from '../../../sandbox/agent-protocol.ts'
import { listDirectory } from '../../lifecycle/volumes/listing.ts'
import { nameOf, OWN_PREFIX } from '../../core/names.ts'
import { undefinedIf } from '../../lifecycle/volumes/undefined-if.ts'
import { CloneFailedError } from './failure.ts'
import { plainText } from './progress.ts'

/** Where git works: what is in here may be half a repository. */
export const STAGING = `${OWN_PREFIX}clone`
/** What bears this name is a whole repository, on its way into the project. */
const COMPLETE = `${OWN_PREFIX}cloned`

/** Whether an earlier attempt had got everything. */
export async function isComplete (agent: AgentConnection, signal: AbortSignal): Promise<boolean> {
  const found = await undefinedIf(ErrorCode.NOT_FOUND, statFile(agent, COMPLETE, {}, signal))
  return found?.type === 'directory'
}

/** From here on a crash is followed by putInPlace, not by a new clone. */
export async function markComplete (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  // What somebody has put into the project meanwhile stays as it is.
  for await (const { path } of listDirectory(agent, Buffer.from(STAGING), signal)) {
    const name = nameOf(path)
    if (await undefinedIf(ErrorCode.NOT_FOUND, statFile(agent, name, {}, signal)) !== undefined) throw inTheWay(name)
  }
  // What the name promises has to be on the disk before it.
  await syncFiles(agent)
  await movePath(agent, STAGING, COMPLETE)
}

/** Moves everything from the complete repository into the project's directory; what has been moved before is not there any more. */
export async function putInPlace (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  for await (const { path } of listDirectory(agent, Buffer.from(COMPLETE), signal)) {
    const name = nameOf(path)
    if (await undefinedIf(ErrorCode.EXISTS, movePath(agent, path, name)) === undefined) throw inTheWay(name)
  }
  await removePath(agent, COMPLETE, {}, signal)
}

/** Leaves the project as it was before. */
export async function discard (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  for (const directory of [STAGING, COMPLETE]) {
    await undefinedIf(ErrorCode.NOT_FOUND, removePath(agent, directory, { recursive: true }, signal))
  }
}

function inTheWay (name: Buffer): CloneFailedError {
  return new CloneFailedError(`The repository has ${JSON.stringify(plainText(name.toString()))}, and the project has got one meanwhile`)
}
