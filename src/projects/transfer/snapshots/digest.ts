import { createHash } from 'node:crypto'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'

const OWNER_MAY_CHANGE = 0o700

/**
 * A digest of a listing, by which one sees that nothing has changed since a snapshot was taken, or restored: so it
 * takes what a restore brings back: not the times of directories and links, and no directory that its owner may not change.
 */
export function createListingDigest () {
  const hash = createHash('sha256')

  return {
    add: ({ path, type, mode, size, mtimeNs, target }: FileEntry): void => {
      // No snapshot holds it.
      if (type === 'other') return
      const facts = { file: [mode, size, mtimeNs], symlink: [target?.length], directory: [mode | OWNER_MAY_CHANGE] }[type]
      // Lengths before bytes, or two listings could read the same.
      hash.update(`${type} ${path.length} ${facts.join(' ')}\n`).update(path)
      if (target !== undefined) hash.update(target)
    },
    value: (): Buffer => hash.digest()
  }
}
