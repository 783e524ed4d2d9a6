import { AgentOperationError } from '../../../sandbox/agent-client/errors.ts'
import type { ErrorCode, ValueOf } from '../../../sandbox/agent-protocol.ts'

/** Undefined where the agent refuses with that code. */
export async function undefinedIf<T> (code: ValueOf<typeof ErrorCode>, operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof AgentOperationError && error.code === code) return undefined
    throw error
  }
}
