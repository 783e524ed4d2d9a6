import { errors } from '../../../errors.ts'
import { AgentLostError, AgentOperationError } from '../../../sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode } from '../../../sandbox/agent-protocol.ts'
import { NotRunningError } from '../../../sandbox/project-agent.ts'

/** The clone cannot succeed as it was asked for; the message is for the project's owner. */
export class CloneFailedError extends Error {
  override readonly name = 'CloneFailedError'
}

export const CONTAINER_ENDED = 'The project\'s container ended while the repository was cloned'
const SANDBOX_FAILED = 'The sandbox failed while the repository was cloned'

/** What the project's owner is told; undefined if the clone may succeed another time, as when the Engine is away. */
export function describeFailure (error: unknown): string | undefined {
  if (error instanceof CloneFailedError || error instanceof errors.PROJECT_START_FAILED) return error.message
  if (error instanceof AgentLostError || error instanceof NotRunningError) return CONTAINER_ENDED
  if (error instanceof AgentOperationError) return error.code === ErrorCode.NO_SPACE ? 'There is no space left for the files' : SANDBOX_FAILED
  if (error instanceof AgentProtocolError) return SANDBOX_FAILED
  return undefined
}
