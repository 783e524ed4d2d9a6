import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import type { Removal } from '../archives/project-files.ts'
import type { IndexEntry } from './index-file.ts'

const SLASH = '/'.charCodeAt(0)
const OWNER_MAY_CHANGE = 0o700

/**
 * What has to be done to the files of before so that they are those of now: removals, and what is new, in the order of both
 * listings, each directory before its content. Something that has become something else is removed first, and a directory
 * is removed with its content.
 */
export async function * differenceOf (before: AsyncIterable<IndexEntry>, now: AsyncIterable<FileEntry>): AsyncGenerator<FileEntry | Removal> {
  const olds = before[Symbol.asyncIterator]()
  const news = now[Symbol.asyncIterator]()
  let old = await olds.next()
  let current = await news.next()
  let removed: Buffer | undefined

  try {
    while (old.done !== true || current.done !== true) {
      const order = old.done === true ? 1 : current.done === true ? -1 : comparePaths(old.value.path, current.value.path)
      if (order < 0 && old.done !== true) {
        if (removed === undefined || !isBeneath(old.value.path, removed)) {
          removed = old.value.path
          yield { removed }
        }
        old = await olds.next()
      } else if (order > 0 && current.done !== true) {
        yield current.value
        current = await news.next()
      } else if (old.done !== true && current.done !== true) {
        if (!isSame(old.value, current.value)) {
          if (old.value.type !== 'directory' || current.value.type !== 'directory') {
            removed = old.value.path
            yield { removed }
          }
          yield current.value
        }
        old = await olds.next()
        current = await news.next()
      }
    }
  } finally {
    await olds.return?.(undefined)
    await news.return?.(undefined)
  }
}

function isSame (old: IndexEntry, now: FileEntry): boolean {
  if (old.type !== now.type) return false
  if (now.type === 'directory') return (old.mode | OWNER_MAY_CHANGE) === (now.mode | OWNER_MAY_CHANGE)
  if (now.type === 'symlink') return old.target !== undefined && now.target?.equals(old.target) === true
  return old.mode === now.mode && old.size === now.size && old.mtimeNs === now.mtimeNs && old.inode === now.inode
}

/** The order of a listing: name by name, as bytes, and what is shorter first. */
export function comparePaths (one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length)
  let at = 0
  while (at < length && one[at] === other[at]) at++
  if (at === length) return one.length - other.length
  return rank(one[at] as number) - rank(other[at] as number)
}

const rank = (byte: number): number => byte === SLASH ? 0 : byte

function isBeneath (path: Buffer, directory: Buffer): boolean {
  return path[directory.length] === SLASH && path.subarray(0, directory.length).equals(directory)
}
