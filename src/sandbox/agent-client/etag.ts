import type { FileVersion } from '../agent-protocol.ts'

/** A strong entity tag: quoted, and different as soon as mtime, size or inode are. */
export function etagOf ({ mtimeNs, size, inode }: FileVersion): string {
  return `"${mtimeNs.toString(16)}-${size.toString(16)}-${inode.toString(16)}"`
}

const ETAG = /^"([0-9a-f]{1,16})-([0-9a-f]{1,13})-([0-9a-f]{1,16})"$/

/** What etagOf made a tag of; undefined for any other text, weak tags included. */
export function parseEtag (text: string): FileVersion | undefined {
  const [, mtime, size, inode] = ETAG.exec(text) ?? []
  if (mtime === undefined || size === undefined || inode === undefined) return undefined
  return { mtimeNs: BigInt(`0x${mtime}`), size: parseInt(size, 16), inode: BigInt(`0x${inode}`) }
}
