import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tar from 'tar-stream'
import { errors } from '../../../errors.ts'
import { isRemovalRecord, readBytes, readTime, type PaxRecords } from './pax.ts'

/** One file, directory or link of a tar, as the tar says: nothing of it is checked. */
export interface Member {
  /**
   * `link` is a hard link to an earlier member, `removed` is what a differential snapshot takes away; whatever is not known
   * or not wanted is `special`.
   */
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'removed' | 'special'
  /** Without `./` before and `/` behind it; empty for the archive's own directory. */
  readonly path: Buffer
  readonly mode: number
  readonly mtimeNs: bigint
  readonly size: number
  readonly target: Buffer
  /** To be read before the next member is taken, or not at all. */
  readonly bytes: AsyncIterable<Buffer>
}

const TYPES: Partial<Record<string, Member['type']>> = {
  file: 'file', 'contiguous-file': 'file', directory: 'directory', symlink: 'symlink', link: 'link'
}

/** tar ends with two blocks of zeros; without them the end is missing, however well the last member came through. */
const END_BYTES = 1024
/** Bytes in which there is neither a member nor content of one: padding, or headers that only fill memory. */
const MOST_IDLE_BYTES = 2 * 1024 * 1024
/** Records of a pax header, of which a few are of use. A global one is copied for every member. */
const MOST_RECORDS = 64

/** Names are bytes, whatever they mean. The types of tar-stream have this option elsewhere. */
const BYTE_NAMES: object = { filenameEncoding: 'latin1' }

/** Reads a tar. Throws BAD_ARCHIVE where it is none, is cut off, or is built to cost more than it holds. */
export async function * readMembers (source: AsyncIterable<Uint8Array>): AsyncGenerator<Member> {
  const extract = tar.extract(BYTE_NAMES)
  const watch = createWatch()
  const feeding = pipeline(Readable.from(watch.pass(source)), extract)
  // It fails together with the loop below, which throws.
  feeding.catch(() => undefined)
  try {
    for await (const entry of extract) {
      const member = toMember(entry.header, watch.count(entry as AsyncIterable<Buffer>))
      yield member
      for await (const rest of member.bytes) void rest
    }
    await feeding
  } catch (error) {
    throw watch.failure ?? describe(error)
  } finally {
    // What feeds it may wait for a byte that never comes, so nobody waits for that.
    extract.destroy()
  }
  if (!watch.hasEnd()) throw new errors.BAD_ARCHIVE('it is cut off: the end of the tar is missing')
}

/** Follows how many bytes go in, and how many come out. */
function createWatch () {
  let idleBytes = 0
  let zeros = 0
  return {
    /** What the source failed with. */
    failure: undefined as unknown,
    hasEnd: () => zeros >= END_BYTES,
    async * pass (this: { failure: unknown }, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of source) {
          idleBytes += chunk.length
          if (idleBytes > MOST_IDLE_BYTES + chunk.length) throw new errors.BAD_ARCHIVE('it has too much in it that is no file')
          zeros = trailingZeros(chunk, zeros)
          yield chunk
        }
      } catch (error) {
        this.failure = error
        throw error
      }
    },
    async * count (bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      idleBytes = 0
      for await (const chunk of bytes) {
        idleBytes = 0
        yield chunk
      }
    }
  }
}

function trailingZeros (chunk: Uint8Array, before: number): number {
  let count = 0
  while (count < chunk.length && count < END_BYTES && chunk[chunk.length - 1 - count] === 0) count++
  return count === chunk.length ? before + count : count
}

function toMember (header: tar.Header, bytes: AsyncIterable<Buffer>): Member {
  const records = (header.pax ?? {}) as PaxRecords
  const keys = Object.keys(records)
  if (keys.length > MOST_RECORDS) throw new errors.BAD_ARCHIVE('a member of it has too many records')
  // The holes of a sparse file are described in its content, which so is not the file.
  const isSparse = records['SCHILY.filetype'] === 'sparse' || keys.some((key) => key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize')
  return {
    type: isRemovalRecord(records) ? 'removed' : (isSparse ? undefined : TYPES[header.type]) ?? 'special',
    path: trimPath(readName('path', records, header.name)),
    mode: header.mode & 0o777,
    mtimeNs: readTime(records, header.mtime),
    size: header.type === 'file' || header.type === 'contiguous-file' ? header.size : 0,
    target: readName('linkpath', records, header.linkname ?? ''),
    bytes
  }
}

function readName (name: 'path' | 'linkpath', records: PaxRecords, text: string): Buffer {
  const bytes = readBytes(name, records, text)
  if (bytes === undefined) throw new errors.BAD_ARCHIVE(`the name ${JSON.stringify(text.slice(0, 200))} is not valid UTF-8`)
  return bytes
}

/** Archives of a directory name everything `./name`, and directories `name/`. No pattern: those that end in a run of slashes take its square. */
export function trimPath (path: Buffer): Buffer {
  let [start, end] = [0, path.length]
  while (end > start && path[end - 1] === SLASH) end--
  while (path[start] === DOT && path[start + 1] === SLASH && start + 1 < end) {
    start++
    while (start < end && path[start] === SLASH) start++
  }
  return end - start === 1 && path[start] === DOT ? Buffer.alloc(0) : path.subarray(start, end)
}

const DOT = '.'.charCodeAt(0)
const SLASH = '/'.charCodeAt(0)

/** Of tar-stream: plain errors about what is wrong with the bytes. */
function describe (error: unknown): unknown {
  if (!(error instanceof Error) || error.constructor !== Error) return error
  return new errors.BAD_ARCHIVE(error.message.startsWith('Invalid tar header') ? 'it is no tar, or a damaged one' : error.message)
}
