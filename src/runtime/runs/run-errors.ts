import { errors } from '../../errors.ts'
import { QueueFullError } from '../../lib/fair-queue.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode } from '../../sandbox/agent-protocol.ts'
import { PoolClosedError } from '../../sandbox/pool/pool.ts'

/** What kept a run from its end, in the words of the contract. */
export function translateRunError (error: unknown, isClosing: boolean): unknown {
  if (error instanceof QueueFullError) return Object.assign(new errors.QUEUE_FULL(), { retryAfterSeconds: error.retryAfterSeconds })
  if (error instanceof PoolClosedError || (error instanceof AgentLostError && isClosing)) return new errors.SHUTTING_DOWN()
  if (error instanceof AgentOperationError) {
    if (error.code === ErrorCode.NO_SPACE) return new errors.TOO_LARGE('The files do not fit into the sandbox')
    if (error.code === ErrorCode.BAD_PATH) return new errors.BAD_PATH('of a file', 'cannot be made in the sandbox')
    return Object.assign(new errors.RUN_FAILED(), { cause: error })
  }
  if (error instanceof AgentLostError || error instanceof AgentProtocolError) return Object.assign(new errors.RUN_FAILED(), { cause: error })
  return error
}
