import { isUtf8 } from 'node:buffer'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { fromFdPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl'
import { errors } from '../../../errors.ts'
import { MAX_PATH_BYTES } from '../../../lib/paths.ts'
import { trimPath, type Member } from './members.ts'
import { checkRatio } from './ratio.ts'

/** A field of an entry that has its name in UTF-8. */
const UNICODE_PATH = 0x7075
const DEFLATE = 8
const STORED = 0
/** Who made an entry says what its attributes mean. */
const DOS = 0
const UNIX = 3
const NTFS = 10
const MACOS = 19
const DOS_DIRECTORY = 0x10

const KIND = 0o170000
const DIRECTORY = 0o040000
const LINK = 0o120000
const FILE = 0o100000

/**
 * Reads a zip from a file, in the order of its directory. Throws BAD_ARCHIVE where it is none, is cut off or encrypted, or
 * packed as nobody can unpack it; and ARCHIVE_TOO_LARGE where it is a bomb: the sizes that it says bind its content.
 */
export async function * readZipMembers (fd: number): AsyncGenerator<Member> {
  try {
    const zip = await fromFdPromise(fd, { decodeStrings: false, autoClose: false })
    let expanded = 0
    for await (const entry of zip.eachEntry()) {
      expanded += entry.uncompressedSize
      checkRatio({ compressed: sizeOf(zip), expanded })
      yield await toMember(zip, entry)
    }
  } catch (error) {
    throw describe(error)
  }
}

const sizeOf = ({ fileSize }: ZipFile): number => fileSize

async function toMember (zip: ZipFile, entry: Entry): Promise<Member> {
  const name = nameOf(entry)
  const mode = modeOf(entry)
  const type = typeOf(entry, name, mode)
  if (entry.isEncrypted()) throw new errors.BAD_ARCHIVE(`${JSON.stringify(name.toString())} is encrypted`)
  if (type === 'file' && entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATE) {
    throw new errors.BAD_ARCHIVE(`${JSON.stringify(name.toString())} is packed by a method other than deflate: make the zip anew without it`)
  }
  return {
    type,
    path: trimPath(name),
    mode: (mode & 0o777) || (type === 'directory' ? 0o755 : 0o644),
    mtimeNs: BigInt(Math.max(entry.getLastModDate({ timezone: 'UTC' }).getTime() || 0, 0)) * 1_000_000n,
    size: type === 'file' ? entry.uncompressedSize : 0,
    target: type === 'symlink' ? await readTarget(zip, entry) : Buffer.alloc(0),
    bytes: contentOf(zip, entry)
  }
}

/** Those who do not say which encoding it is mean UTF-8, on macOS and Linux, or what MS-DOS had. */
function nameOf ({ fileNameRaw, generalPurposeBitFlag, extraFields, versionMadeBy }: Entry): Buffer {
  const isPlain = isUtf8(fileNameRaw) && !extraFields.some(({ id }) => id === UNICODE_PATH)
  const name = isPlain ? fileNameRaw : Buffer.from(getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true))
  const madeBy = versionMadeBy >> 8
  // Some programs on Windows write what is no separator in a zip; on Unix it is part of a name.
  return madeBy === DOS || madeBy === NTFS ? Buffer.from(name.toString('latin1').replaceAll('\\', '/'), 'latin1') : name
}

function modeOf ({ versionMadeBy, externalFileAttributes }: Entry): number {
  const madeBy = versionMadeBy >> 8
  return madeBy === UNIX || madeBy === MACOS ? externalFileAttributes >>> 16 : 0
}

function typeOf ({ externalFileAttributes }: Entry, name: Buffer, mode: number): Member['type'] {
  const kind = mode & KIND
  if (name.at(-1) === '/'.charCodeAt(0) || kind === DIRECTORY) return 'directory'
  if (kind === 0) return (externalFileAttributes & DOS_DIRECTORY) === 0 ? 'file' : 'directory'
  return kind === LINK ? 'symlink' : kind === FILE ? 'file' : 'special'
}

async function readTarget (zip: ZipFile, entry: Entry): Promise<Buffer> {
  if (entry.uncompressedSize > MAX_PATH_BYTES) throw new errors.BAD_ARCHIVE('a link in it has a target that is too long')
  return await buffer(contentOf(zip, entry))
}

/** yauzl sees to it that there is neither more nor less than the entry says. */
async function * contentOf (zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  let sum = 0
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum)
      yield chunk
    }
  } catch (error) {
    throw describe(error)
  }
  if (sum !== entry.crc32) throw new errors.BAD_ARCHIVE('the checksum of a file in it is wrong: it is damaged')
}

/** Of yauzl and zlib: plain errors about what is wrong with the bytes. */
function describe (error: unknown): unknown {
  const isAboutBytes = error instanceof Error && (error.constructor === Error || ('code' in error && String(error.code).startsWith('Z_')))
  return isAboutBytes ? new errors.BAD_ARCHIVE(`it is no whole zip (${error.message})`) : error
}
