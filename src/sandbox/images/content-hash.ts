import { createHash } from 'node:crypto'
import { modeOf, type ContextFile } from './context.ts'

const HASH_LENGTH = 12

/** Names what an image is made of: its context's files and the hashes of the images that it is built from. */
export function contentHash (files: readonly ContextFile[], dependencies: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256')
  // Every part carries its length, so that no two different lists hash the same bytes.
  const add = (part: string | Buffer): void => {
    hash.update(`${Buffer.byteLength(part)}:`).update(part)
  }
  for (const [name, dependency] of Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1))) {
    add(name)
    add(dependency)
  }
  for (const { path, isExecutable, content } of files) {
    add(path)
    add(modeOf(isExecutable).toString(8))
    add(content)
  }
  return hash.digest('hex').slice(0, HASH_LENGTH)
}
