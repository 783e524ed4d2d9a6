import { createHash } from 'node:crypto'
import type { FileEntry } from '../../sandbox/agent-protocol.ts'

/**
 * A digest of a listing, by which one sees that nothing has changed since a snapshot was taken, or restored: so it
 * takes what a restore brings back, and not the times of directories and links.
 */
export function createListingDigest () {
  const hash = createHash('sha256')

  return {
    add: ({ path, type, mode, size, mtimeNs, target }: FileEntry): void => {
      // No snapshot holds it.
      if (type === 'other') return
      const facts = type === 'file' ? [mode, size, mtimeNs] : type === 'symlink' ? [target?.length] : []
      // Lengths before bytes, or two listings could read the same.
      hash.update(`${type} ${path.length} ${facts.join(' ')}\n`).update(path)
      if (target !== undefined) hash.update(target)
    },
    value: (): Buffer => hash.digest()
  }
}
