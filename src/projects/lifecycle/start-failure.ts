import { isDockerError } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { ErrorCode } from '../../sandbox/agent-protocol.ts'
import { EndedEarlyError } from './start.ts'

export interface StartFailure {
  /** For the project's `error`; says nothing of the host's inside. */
  readonly reason: string
  readonly thrown: Error
}

/** What says already what is the matter. */
const PLAIN = [errors.LANGUAGE_NOT_READY, errors.RUNTIME_IMAGE_MISSING, errors.RUNTIME_NOT_OFFERED, errors.STORAGE_UNAVAILABLE]

/** What people are told of a start that failed, and what its caller gets. */
export function describeStartFailure (error: unknown, language: string, describeBuild: (language: string) => string): StartFailure {
  const thrown = translate(error, language, describeBuild)
  return { reason: thrown.message, thrown }
}

function translate (error: unknown, language: string, describeBuild: (language: string) => string): Error {
  if (PLAIN.some((type) => error instanceof type)) return error as Error
  if (isDockerError(error, 'unavailable', 'timeout', 'aborted')) return withCause(new errors.ENGINE_UNAVAILABLE(), error)
  if (isDockerError(error, 'not_found') && error.operation === 'containerCreate') return withCause(new errors.LANGUAGE_NOT_READY(language, describeBuild(language)), error)
  if (error instanceof AgentOperationError && error.code === ErrorCode.NO_SPACE) {
    return withCause(new errors.PROJECT_START_FAILED('There is no space left for the files of this project'), error)
  }
  const reason = error instanceof EndedEarlyError
    ? 'The container ended as soon as it was started'
    : 'The container could not be started. Try again; if it happens again, the server\'s log has the reason'
  return withCause(new errors.PROJECT_START_FAILED(reason), error)
}

function withCause (error: Error, cause: unknown): Error {
  return Object.assign(error, { cause })
}
