export const MAX_PATH_BYTES = 4095
const MAX_NAME_BYTES = 255

export interface PathLimits {
  readonly maxBytes?: number
  readonly maxNames?: number
  /** What the path is relative to, for people. */
  readonly root?: string
  /** What our own names begin with. */
  readonly reservedPrefix?: string
}

/**
 * Why a path of bytes may not be used beneath a root, as the end of a sentence; undefined if it may. The agent resolves
 * beneath the root again: this is for a clear answer, not the defence.
 */
export function pathProblem (path: Buffer, { maxBytes = MAX_PATH_BYTES, maxNames = Infinity, root, reservedPrefix }: PathLimits = {}): string | undefined {
  if (path.includes(0)) return 'has a NUL byte in it'
  if (path.length > maxBytes) return `is longer than ${maxBytes} bytes`
  // Latin-1 keeps every byte a character of its own.
  const names = path.toString('latin1').split('/')
  if (path.length > 0 && names[0] === '') return root === undefined ? 'is absolute' : `is absolute: give it relative to ${root}`
  if (names.length > maxNames) return `has more than ${maxNames} names in it`
  for (const name of names) {
    if (name === '') return 'has an empty name ("") in it'
    if (name === '.' || name === '..') return `has "${name}" in it`
    if (name.length > MAX_NAME_BYTES) return `has a name longer than ${MAX_NAME_BYTES} bytes`
    if (reservedPrefix !== undefined && name.startsWith(reservedPrefix)) return `has a name that begins with "${reservedPrefix}" in it, which Berth keeps for itself`
  }
  return undefined
}
