import type { Readable } from 'node:stream'
import { errors } from '../../errors.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { etagOf } from '../../sandbox/agent-client/etag.ts'
import { statFile } from '../../sandbox/agent-client/files.ts'
import { writeFile } from '../../sandbox/agent-client/write-file.ts'
import { ErrorCode, type FileEntry, type WriteOptions } from '../../sandbox/agent-protocol.ts'
import type { WriteCondition } from './conditions.ts'
import { metered } from './metered.ts'
import { pathToText } from '../core/paths.ts'
import type { Quota } from '../workspace/quota.ts'
import { refineFailure } from './refine-failure.ts'

export interface WriteRequest {
  readonly source: Readable | Uint8Array
  /** As the client announces it. */
  readonly length?: number | undefined
  readonly condition?: WriteCondition
  readonly mode?: number | undefined
}

export interface WriteContext {
  readonly agent: AgentConnection
  readonly projectId: string
  readonly quota: Quota
  readonly fileLimit: number
  readonly signal: AbortSignal
}

/** Writes a file within the project's limits. What announces too much is refused before any of it is taken. */
export async function writeWithin ({ agent, projectId, quota, fileLimit, signal }: WriteContext, path: Buffer, { source, length = 0, condition, mode }: WriteRequest): Promise<{ entry: FileEntry, created: boolean }> {
  if (length > fileLimit) throw new errors.FILE_TOO_LARGE(fileLimit)
  const precondition = await preconditionOf(agent, path, condition)
  const reservation = await quota.reserve(projectId, agent, length)
  let [keptBytes, replacedBytes] = [0, 0]
  try {
    const bytes = source instanceof Uint8Array ? source : metered(source, { fileLimit, reservation, prepaid: length })
    const replacing = sizeAt(agent, path)
    const written = await writeFile(agent, path, bytes, { ...(precondition === undefined ? {} : { precondition }), ...(mode === undefined ? {} : { mode }) }, signal)
    keptBytes = written.entry.size
    if (!written.created) replacedBytes = await replacing
    return written
  } catch (error) {
    throw hasCode(error, ErrorCode.PRECONDITION) ? await conflict(agent, path) : await refineFailure(agent, path, error)
  } finally {
    reservation.end(keptBytes, replacedBytes)
  }
}

/** The agent compares with one version, in the moment in which it replaces the file; which one it is to be is decided here. */
async function preconditionOf (agent: AgentConnection, path: Buffer, condition: WriteCondition): Promise<WriteOptions['precondition']> {
  if (condition === undefined || condition === 'absent') return condition
  const versions = typeof condition === 'object' ? condition : []
  if (versions.length === 1) return versions[0]
  const current = await findCurrent(agent, path)
  if (condition === 'present' && current !== undefined) return undefined
  const named = versions.find((version) => current !== undefined && etagOf(version) === etagOf(current))
  if (named === undefined) throw preconditionFailed(path, current)
  return named
}

/** What a file of that name would replace; undefined if there is nothing. */
async function findCurrent (agent: AgentConnection, path: Buffer): Promise<FileEntry | undefined> {
  try {
    return await statFile(agent, path, { follow: true })
  } catch (error) {
    if (hasCode(error, ErrorCode.NOT_FOUND)) return undefined
    throw error
  }
}

/** Asked along with a write, which the agent begins after it has answered this: nobody waits for it. 0 if nothing is there. */
async function sizeAt (agent: AgentConnection, path: Buffer): Promise<number> {
  return await statFile(agent, path, { follow: true }).then(({ size }) => size, () => 0)
}

async function conflict (agent: AgentConnection, path: Buffer): Promise<Error> {
  return preconditionFailed(path, await findCurrent(agent, path))
}

/** Carries the `etag` of what is there now, if anything is. */
export function preconditionFailed (path: Buffer, current: FileEntry | undefined): Error {
  const error = new errors.PRECONDITION_FAILED(JSON.stringify(pathToText(path)))
  return current === undefined ? error : Object.assign(error, { etag: etagOf(current) })
}

function hasCode (error: unknown, code: AgentOperationError['code']): boolean {
  return error instanceof AgentOperationError && error.code === code
}
