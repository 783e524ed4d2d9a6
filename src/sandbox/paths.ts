const MAX_PATH_BYTES = 4095
const MAX_NAME_BYTES = 255
/** What an agent lists and removes is less deep still; nothing that people write is. */
const MAX_DEPTH = 100

/**
 * Why a path of a client may not be used below a sandbox's root, as the end of a sentence; undefined if it may.
 * The agent resolves beneath the root again: this is for a clear answer, not the defence.
 */
export function pathProblem (path: string): string | undefined {
  if (path.includes('\0')) return 'has a NUL byte'
  if (!path.isWellFormed()) return 'is not valid Unicode'
  if (path.startsWith('/')) return 'is absolute: give it relative to the working directory'
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`
  const names = path.split('/')
  if (names.length > MAX_DEPTH) return `has more than ${MAX_DEPTH} names in it`
  for (const name of names) {
    if (name === '') return 'has an empty name in it'
    if (name === '.' || name === '..') return `has "${name}" in it`
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `has a name longer than ${MAX_NAME_BYTES} bytes`
  }
  return undefined
}
