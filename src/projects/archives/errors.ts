/** A file became shorter while it was read: an archive of it would be wrong, and must not look complete. */
export class FileChangedError extends Error {
  override readonly name = 'FileChangedError'
}
