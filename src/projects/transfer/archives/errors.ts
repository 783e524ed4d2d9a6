import { errors } from '../../../errors.ts'
import { describeFailure } from '../../workspace/failures.ts'

/** A file became shorter while it was read: an archive of it would be wrong, and must not look complete. */
export class FileChangedError extends Error {
  override readonly name = 'FileChangedError'
}

/** What a client is told of a project that could not be read or written as a whole. */
export function describeArchiveFailure (error: unknown): unknown {
  return error instanceof FileChangedError
    ? Object.assign(new errors.FILES_CHANGED(), { cause: error })
    : describeFailure(error, { path: '/' })
}
