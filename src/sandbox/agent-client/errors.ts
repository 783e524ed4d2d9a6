import type { ErrorCode, ValueOf } from '../agent-protocol.ts'

/** The connection to the agent is gone: the sandbox died, was killed, or broke the protocol. */
export class AgentLostError extends Error {
  override readonly name = 'AgentLostError'
}

/** The agent refused one operation; the connection is fine. */
export class AgentOperationError extends Error {
  override readonly name = 'AgentOperationError'
  readonly code: ValueOf<typeof ErrorCode>

  constructor (code: ValueOf<typeof ErrorCode>, message: string) {
    super(message)
    this.code = code
  }
}
