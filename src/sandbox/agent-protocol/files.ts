import { checkOpen } from './connection.ts'
import { Operation } from './constants.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, required } from './fields.ts'

/** A path beneath the agent's root: bytes where it came from a walk and need not be UTF-8. */
export type AgentPath = string | Uint8Array

/** Payload of OPEN for PUT; the default mode is 0644. */
export function encodePut (request: { path: AgentPath, mode?: number }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u32(2, request.mode)
  return checkOpen(fields.concat(Buffer.of(Operation.PUT)))
}

export function decodePutResult (payload: Buffer): { size: number } {
  const fields = decodeFields(payload, { size: { tag: 1, kind: 'u64' } })
  return { size: required('size', fields.size) }
}

/** Payload of OPEN for GET; default is the whole file. */
export function encodeGet (request: { path: AgentPath, offset?: number, length?: number }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u64(2, request.offset)
  fields.u64(3, request.length)
  return checkOpen(fields.concat(Buffer.of(Operation.GET)))
}

export function decodeGetResult (payload: Buffer): { sentBytes: number, size: number } {
  const fields = decodeFields(payload, { sentBytes: { tag: 1, kind: 'u64' }, size: { tag: 2, kind: 'u64' } })
  return { sentBytes: required('sentBytes', fields.sentBytes), size: required('size', fields.size) }
}

/** Payload of OPEN for WALK; `depth` 1 is the directory's own entries, default no limit. */
export function encodeWalk (request: { path?: AgentPath, depth?: number, maxEntries?: number } = {}): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u32(2, request.depth)
  fields.u32(3, request.maxEntries)
  return checkOpen(fields.concat(Buffer.of(Operation.WALK)))
}

const ENTRY_TYPES = { f: 'file', d: 'directory', l: 'symlink', o: 'other' } as const

export interface WalkEntry {
  /** Beneath the root, in whatever bytes the program chose. */
  path: Buffer
  type: typeof ENTRY_TYPES[keyof typeof ENTRY_TYPES]
  /** Permission bits, at most 0o7777. */
  mode: number
  size: number
  mtimeNs: bigint
  inode: bigint
}

const MAX_PATH_BYTES = 4095
const ENTRY_FIXED_BYTES = 29

/** The entries of one DATA frame of a walk, which never splits one. */
export function decodeWalkEntries (payload: Buffer): WalkEntry[] {
  const entries: WalkEntry[] = []
  for (let offset = 0; offset < payload.length;) {
    const pathBytes = payload.length - offset < 2 ? 0 : payload.readUInt16BE(offset)
    offset += 2
    if (pathBytes === 0 || pathBytes > MAX_PATH_BYTES || payload.length - offset < pathBytes + ENTRY_FIXED_BYTES) {
      throw new AgentProtocolError('the agent sent a broken directory entry')
    }
    entries.push(decodeEntry(payload.subarray(offset, offset + pathBytes), payload.subarray(offset + pathBytes)))
    offset += pathBytes + ENTRY_FIXED_BYTES
  }
  return entries
}

function decodeEntry (path: Buffer, fixed: Buffer): WalkEntry {
  const letter = String.fromCharCode(fixed.readUInt8(0))
  const mode = fixed.readUInt32BE(1)
  const size = fixed.readBigUInt64BE(5)
  if (!isEntryLetter(letter) || mode > 0o7777 || size > Number.MAX_SAFE_INTEGER) {
    throw new AgentProtocolError('the agent sent a directory entry that cannot be')
  }
  checkPath(path)
  return {
    path,
    type: ENTRY_TYPES[letter],
    mode,
    size: Number(size),
    mtimeNs: fixed.readBigUInt64BE(13),
    inode: fixed.readBigUInt64BE(21)
  }
}

/** A path that led elsewhere would sooner or later be joined to one of ours. */
function checkPath (path: Buffer): void {
  const names = path.toString('latin1').split('/')
  if (path.includes(0) || names.some((name) => name === '' || name === '.' || name === '..')) {
    throw new AgentProtocolError('the agent sent a path that is not beneath its root')
  }
}

function isEntryLetter (letter: string): letter is keyof typeof ENTRY_TYPES {
  return Object.hasOwn(ENTRY_TYPES, letter)
}

export function decodeWalkResult (payload: Buffer): { entries: number, truncated: boolean } {
  const fields = decodeFields(payload, { entries: { tag: 1, kind: 'u32' }, truncated: { tag: 2, kind: 'u8' } })
  const truncated = required('truncated', fields.truncated)
  if (truncated > 1) throw new AgentProtocolError(`the agent sent ${truncated} as a yes or no`)
  return { entries: required('entries', fields.entries), truncated: truncated === 1 }
}

/** Payload of OPEN for RESET. */
export function encodeReset (): Buffer {
  return Buffer.of(Operation.RESET)
}

export function decodeResetResult (payload: Buffer): { removedEntries: number } {
  const fields = decodeFields(payload, { removedEntries: { tag: 1, kind: 'u32' } })
  return { removedEntries: required('removedEntries', fields.removedEntries) }
}
