import { MAX_PATH_BYTES } from '../../lib/paths.ts'
import { AgentProtocolError } from './error.ts'

const ENTRY_TYPES = { f: 'file', d: 'directory', l: 'symlink', o: 'other' } as const

const FACTS_BYTES = 29

export interface FileEntry {
  /** Beneath the root, in whatever bytes the program chose; empty for the root itself. */
  path: Buffer
  /** `other` is a FIFO, a socket or a device. */
  type: typeof ENTRY_TYPES[keyof typeof ENTRY_TYPES]
  /** Permission bits, at most 0o7777. */
  mode: number
  size: number
  mtimeNs: bigint
  inode: bigint
  /** Of a link: it may lead anywhere. */
  target?: Buffer
}

/** One ENTRY of the protocol within `payload`, and where it ends. */
export function readEntry (payload: Buffer, offset: number): { entry: FileEntry, end: number } {
  const path = readLengthPrefixed(payload, offset)
  const at = offset + 2 + path.length
  if (payload.length - at < FACTS_BYTES) throw new AgentProtocolError('the agent sent a broken directory entry')
  const letter = String.fromCharCode(payload.readUInt8(at))
  const mode = payload.readUInt32BE(at + 1)
  const size = payload.readBigUInt64BE(at + 5)
  const target = readLengthPrefixed(payload, at + FACTS_BYTES)
  if (!isEntryLetter(letter) || mode > 0o7777 || size > Number.MAX_SAFE_INTEGER) {
    throw new AgentProtocolError('the agent sent a directory entry that cannot be')
  }
  if (target.length > 0 && letter !== 'l') throw new AgentProtocolError('the agent sent a target of what is no link')
  checkEntryPath(path)
  const entry = {
    path,
    type: ENTRY_TYPES[letter],
    mode,
    size: Number(size),
    mtimeNs: payload.readBigUInt64BE(at + 13),
    inode: payload.readBigUInt64BE(at + 21),
    ...(target.length > 0 && { target })
  }
  return { entry, end: at + FACTS_BYTES + 2 + target.length }
}

/** An ENTRY that is all there is, as in a field. */
export function decodeEntry (payload: Buffer): FileEntry {
  const { entry, end } = readEntry(payload, 0)
  if (end !== payload.length) throw new AgentProtocolError('the agent sent more than a directory entry')
  return entry
}

/** The entries of one DATA frame, which never splits one. */
export function decodeEntries (payload: Buffer): FileEntry[] {
  const entries: FileEntry[] = []
  for (let offset = 0; offset < payload.length;) {
    const { entry, end } = readEntry(payload, offset)
    if (entry.path.length === 0) throw new AgentProtocolError('the agent sent an entry without a path')
    entries.push(entry)
    offset = end
  }
  return entries
}

/** A path or the like: its length as u16, then its bytes. */
export function readLengthPrefixed (payload: Buffer, offset: number): Buffer {
  const length = payload.length - offset < 2 ? Infinity : payload.readUInt16BE(offset)
  if (length > MAX_PATH_BYTES || payload.length - offset - 2 < length) {
    throw new AgentProtocolError('the agent sent a broken directory entry')
  }
  return payload.subarray(offset + 2, offset + 2 + length)
}

/** A path that led elsewhere would sooner or later be joined to one of ours. */
export function checkEntryPath (path: Buffer): void {
  if (path.length === 0) return
  const names = path.toString('latin1').split('/')
  if (path.includes(0) || names.some((name) => name === '' || name === '.' || name === '..')) {
    throw new AgentProtocolError('the agent sent a path that is not beneath its root')
  }
}

function isEntryLetter (letter: string): letter is keyof typeof ENTRY_TYPES {
  return Object.hasOwn(ENTRY_TYPES, letter)
}
