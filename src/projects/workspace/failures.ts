import { isDockerError } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { QueueFullError } from '../../lib/fair-queue.ts'
import { AgentLostError, AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode, type ValueOf } from '../../sandbox/agent-protocol.ts'
import { SandboxError } from '../../sandbox/attached-sandbox.ts'

const byCode: Partial<Record<ValueOf<typeof ErrorCode>, (paths: { path: string, to: string }) => Error>> = {
  [ErrorCode.BAD_PATH]: ({ path }) => new errors.BAD_PATH(path, 'leads out of the project, or through something that is no directory'),
  [ErrorCode.NOT_FOUND]: ({ path }) => new errors.FILE_NOT_FOUND(path),
  [ErrorCode.NO_SPACE]: () => new errors.DISK_FULL(),
  [ErrorCode.EXISTS]: ({ to }) => new errors.FILE_EXISTS(to),
  [ErrorCode.PRECONDITION]: ({ path }) => new errors.PRECONDITION_FAILED(path),
  [ErrorCode.TOO_LARGE]: () => new errors.PROJECT_FULL(),
  [ErrorCode.SPECIAL]: ({ path }) => new errors.NOT_A_FILE(path),
  [ErrorCode.DENIED]: ({ path }) => new errors.FILE_DENIED(path),
  [ErrorCode.NOT_EMPTY]: ({ to }) => new errors.DIRECTORY_NOT_EMPTY(to),
  [ErrorCode.TOO_DEEP]: () => new errors.TREE_TOO_DEEP(),
  [ErrorCode.WATCH_LIMIT]: () => new errors.WATCH_LIMIT(),
  [ErrorCode.BUSY]: () => new errors.FILES_BUSY()
}

/**
 * What clients are told of an operation that failed; what is none of the agent's or the place's failures stays as it is.
 * `to` is where something was to be put, and what is in the way of it.
 */
export function describeFailure (error: unknown, { path, to = path }: { path: string, to?: string }): unknown {
  const described = translate(error, { path: JSON.stringify(path), to: JSON.stringify(to) })
  return described === undefined ? error : Object.assign(described, { cause: error })
}

function translate (error: unknown, paths: { path: string, to: string }): Error | undefined {
  if (error instanceof AgentOperationError) return byCode[error.code]?.(paths) ?? new errors.FILES_FAILED()
  if (error instanceof AgentLostError) return new errors.FILES_INTERRUPTED()
  if (error instanceof AgentProtocolError) return new errors.FILES_FAILED()
  if (error instanceof QueueFullError) return new errors.FILES_BUSY()
  if (isDockerError(error, 'not_found')) {
    // The image of the agent is not built; anything else was taken away while it started.
    return error.operation === 'containerCreate' ? new errors.FILES_UNAVAILABLE('run "make run" to build what is missing') : new errors.FILES_INTERRUPTED()
  }
  // Such as an Engine that cannot harden it, or lacks the OCI runtime; images are there.
  if (error instanceof SandboxError) return new errors.FILES_UNAVAILABLE('no container to reach them by can be started, and the server\'s log has the reason')
  return undefined
}
