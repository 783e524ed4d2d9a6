import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { movePath, removePath } from '../../sandbox/agent-client/trees.ts'
import { listFiles, statFile } from '../../sandbox/agent-client/files.ts'
import { ErrorCode, type ValueOf } from '../../sandbox/agent-protocol.ts'
import { CloneFailedError } from './failure.ts'
import { plainText } from './progress.ts'

/** Where git works: what is in here may be half a repository. */
export const STAGING = '.berth-clone'
/** What bears this name is a whole repository, on its way into the project. */
const COMPLETE = '.berth-cloned'

/** Whether an earlier attempt had got everything. */
export async function isComplete (agent: AgentConnection, signal: AbortSignal): Promise<boolean> {
  const found = await unless(ErrorCode.NOT_FOUND, statFile(agent, COMPLETE, {}, signal))
  return found?.type === 'directory'
}

/** From here on a crash is followed by putInPlace, not by a new clone. */
export async function markComplete (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  await checkNothingInTheWay(agent, signal)
  await movePath(agent, STAGING, COMPLETE)
}

/** What somebody has put into the project meanwhile stays as it is. */
async function checkNothingInTheWay (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  for (const name of await namesIn(agent, STAGING, signal)) {
    if (await unless(ErrorCode.NOT_FOUND, statFile(agent, name, {}, signal)) !== undefined) throw inTheWay(name)
  }
}

/** Moves everything from the complete repository into the project's directory; what has been moved before is not there any more. */
export async function putInPlace (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  for (const name of await namesIn(agent, COMPLETE, signal)) {
    const from = Buffer.concat([Buffer.from(`${COMPLETE}/`), name])
    const moved = await unless(ErrorCode.EXISTS, movePath(agent, from, name))
    if (moved === undefined) throw inTheWay(name)
  }
  await removePath(agent, COMPLETE, {}, signal)
}

/** Leaves the project as it was before. */
export async function discard (agent: AgentConnection, signal: AbortSignal): Promise<void> {
  for (const directory of [STAGING, COMPLETE]) {
    await unless(ErrorCode.NOT_FOUND, removePath(agent, directory, { recursive: true }, signal))
  }
}

async function namesIn (agent: AgentConnection, directory: string, signal: AbortSignal): Promise<Buffer[]> {
  const names: Buffer[] = []
  for (let after: Buffer | undefined, isMore = true; isMore;) {
    const { entries, truncated } = await listFiles(agent, { path: directory, ...(after === undefined ? {} : { after }) }, signal)
    names.push(...entries.map(({ path }) => path.subarray(directory.length + 1)))
    after = entries.at(-1)?.path
    isMore = truncated && after !== undefined
  }
  return names
}

function inTheWay (name: Buffer): CloneFailedError {
  return new CloneFailedError(`The repository has ${JSON.stringify(plainText(name.toString()))}, and the project has got one meanwhile`)
}

async function unless<T> (code: ValueOf<typeof ErrorCode>, operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof AgentOperationError && error.code === code) return undefined
    throw error
  }
}
