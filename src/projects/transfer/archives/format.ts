import { errors } from '../../../errors.ts'

export type ReadableFormat = 'tar' | 'gzip' | 'zip'

const magics: ReadonlyArray<readonly [magic: string, name: string]> = [
  ['\xfd7zXZ\0', 'an xz'],
  ['BZh', 'a bzip2'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z'],
  ['Rar!\x1a\x07', 'a RAR'],
  ['\x28\xb5\x2f\xfd', 'a zstd'],
  ['\x04\x22\x4d\x18', 'an lz4'],
  ['LZIP', 'an lzip'],
  ['\x5d\0\0', 'an lzma'],
  ['\x1f\x9d', 'a compress (.Z)'],
  ['!<arch>\n', 'an ar or Debian package'],
  ['070701', 'a cpio'],
  ['MSCF', 'a cabinet'],
  ['xar!', 'a xar']
]

/** So many bytes of the beginning tell what it is. */
export const TELLING_BYTES = 8

/** What the bytes are, by how they begin. Throws BAD_ARCHIVE, naming it, for what is known and cannot be read. */
export function recogniseArchive (first: Buffer): ReadableFormat {
  const text = first.toString('latin1', 0, TELLING_BYTES)
  if (text.startsWith('\x1f\x8b')) return 'gzip'
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return 'zip'
  const found = magics.find(([magic]) => text.startsWith(magic))
  if (found !== undefined) throw new errors.BAD_ARCHIVE(`it is ${found[1]} file, and only tar, tar.gz and zip are taken`)
  return 'tar'
}
