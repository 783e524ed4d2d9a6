import { errors } from '../../errors.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode } from '../../sandbox/agent-protocol.ts'
import { NoInitError, NotRunningError } from '../../sandbox/project-agent.ts'

export function isThereAlready (error: unknown): boolean {
  return error instanceof AgentOperationError && error.code === ErrorCode.EXISTS
}

export function ignoreGone (error: unknown): void {
  if (!(error instanceof AgentOperationError && error.code === ErrorCode.NOT_FOUND)) throw error
}

/** The contract's error for what PID 1 says, or what has become of it. */
export function translate (error: unknown): unknown {
  const withCause = (translated: Error): Error => Object.assign(translated, { cause: error })
  if (error instanceof NotRunningError) return withCause(new errors.PROJECT_STOPPED())
  if (error instanceof AgentLostError) return withCause(new errors.SANDBOX_LOST())
  if (error instanceof NoInitError) return withCause(new errors.PROJECT_OUTDATED())
  if (error instanceof AgentProtocolError) return withCause(new errors.RUN_FAILED())
  if (!(error instanceof AgentOperationError)) return error
  if (error.code === ErrorCode.EXISTS) return error
  if (error.message.startsWith('working directory')) return withCause(new errors.BAD_PATH('given as "cwd"', 'is no directory of the project'))
  return withCause(reasons[error.code]?.() ?? new errors.RUN_FAILED())
}

const reasons: Partial<Record<AgentOperationError['code'], () => Error>> = {
  [ErrorCode.NOT_FOUND]: () => new errors.PROCESS_NOT_FOUND(),
  [ErrorCode.PRECONDITION]: () => new errors.PROCESS_ENDED(),
  [ErrorCode.SPECIAL]: () => new errors.BAD_REQUEST('The process has no terminal, and so no size'),
  [ErrorCode.BUSY]: () => new errors.PROCESS_QUOTA('64 processes at work'),
  [ErrorCode.CANCELLED]: () => new errors.PROCESS_NOT_READING()
}
