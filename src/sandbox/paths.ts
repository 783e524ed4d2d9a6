import { pathProblem as problemOf } from '../lib/paths.ts'

/** What an agent lists and removes is less deep still; nothing that people write is. */
const MAX_DEPTH = 100

/** Why a path of a client may not be used below a sandbox's root, as the end of a sentence; undefined if it may. */
export function pathProblem (path: string): string | undefined {
  if (!path.isWellFormed()) return 'is not valid Unicode'
  return problemOf(Buffer.from(path), { maxNames: MAX_DEPTH, root: 'the working directory' })
}
