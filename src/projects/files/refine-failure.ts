import { errors } from '../../errors.ts'
import type { AgentConnection } from '../../sandbox/agent-client/connection.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { statFile } from '../../sandbox/agent-client/files.ts'
import { ErrorCode } from '../../sandbox/agent-protocol.ts'
import { pathToText } from '../core/paths.ts'

/**
 * Why a file could not be read or written. To the agent a directory is as wrong a path as one that leads out of the
 * project; who asks wants to know which it is.
 */
export async function refineFailure (agent: AgentConnection, path: Buffer, error: unknown): Promise<unknown> {
  if (!(error instanceof AgentOperationError) || error.code !== ErrorCode.BAD_PATH) return error
  const entry = await statFile(agent, path, { follow: true }).catch(() => undefined)
  return entry?.type === 'directory' ? new errors.NOT_A_FILE(JSON.stringify(pathToText(path))) : error
}
