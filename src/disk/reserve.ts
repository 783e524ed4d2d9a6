import type { FileSystemSpace } from '../sandbox/agent-protocol.ts'

const GIB = 1024 ** 3
const SHARE = 0.05
const INODE_SHARE = 0.05

/** Free bytes that nobody's files may take: a twentieth of the file system, 2 to 16 GiB of a large one, at most a tenth of a small one. */
export function deriveReserve (totalBytes: number): number {
  return Math.floor(Math.min(Math.max(totalBytes * SHARE, 2 * GIB), 16 * GIB, totalBytes / 10))
}

/** Inodes that nobody's files may take; 0 where the file system does not count them. */
function deriveInodeReserve (totalInodes: number): number {
  return Math.floor(totalInodes * INODE_SHARE)
}

/** Whether less is left than the reserve, once so many more bytes are taken. */
export function isBelowReserve ({ totalBytes, freeBytes, totalInodes, freeInodes }: FileSystemSpace, configuredBytes: number | undefined, moreBytes = 0): boolean {
  const reserve = configuredBytes ?? deriveReserve(totalBytes)
  return freeBytes - moreBytes < reserve || (totalInodes > 0 && freeInodes < deriveInodeReserve(totalInodes))
}
