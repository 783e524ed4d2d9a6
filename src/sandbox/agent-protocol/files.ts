import { checkOpen } from './connection.ts'
import { EventKind, Operation } from './constants.ts'
import { decodeEntry, type FileEntry } from './entries.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, required, requiredFlag } from './fields.ts'

/** A path beneath the agent's root: bytes where it came from a listing and need not be UTF-8. */
export type AgentPath = string | Uint8Array

/** What a file's content is known by: another content has at least one of them different. */
export interface FileVersion {
  mtimeNs: bigint
  size: number
  inode: bigint
}

/** Payload of OPEN for STAT. With `follow` it is about what a link leads to. */
export function encodeStat (request: { path: AgentPath, follow?: boolean }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u8(2, request.follow ? 1 : undefined)
  return checkOpen(fields.concat(Buffer.of(Operation.STAT)))
}

export function decodeEntryResult (payload: Buffer): FileEntry {
  const fields = decodeFields(payload, { entry: { tag: 1, kind: 'bytes' } })
  return decodeEntry(required('entry', fields.entry))
}

/** The result of what makes an entry unless it is there already. */
export function decodeCreationResult (payload: Buffer): { entry: FileEntry, created: boolean } {
  const fields = decodeFields(payload, { entry: { tag: 1, kind: 'bytes' }, created: { tag: 2, kind: 'u8' } })
  return { entry: decodeEntry(required('entry', fields.entry)), created: requiredFlag('created', fields.created) }
}

export interface ListRequest {
  /** A directory; default the root. */
  path?: AgentPath
  /** 1 (the default) is the directory's own entries; at most 40. */
  depth?: number
  /** Most entries; default 1,000, at most 100,000. */
  limit?: number
  /** Only what comes after this path of an earlier listing, in the order in which entries are listed. */
  after?: AgentPath
  /** Names of directories whose content is not listed. */
  exclude?: readonly AgentPath[]
}

/** Payload of OPEN for LIST. */
export function encodeList (request: ListRequest): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u32(2, request.depth)
  fields.u32(3, request.limit)
  fields.bytes(4, request.after)
  for (const name of request.exclude ?? []) fields.bytes(5, name)
  return checkOpen(fields.concat(Buffer.of(Operation.LIST)))
}

export interface ListResult {
  entries: number
  /** There is more after the last entry. */
  truncated: boolean
  /** Directories whose content could not be listed: unreadable, or too deep for a path. */
  unlisted: number
}

export function decodeListResult (payload: Buffer): ListResult {
  const fields = decodeFields(payload, {
    entries: { tag: 1, kind: 'u32' }, truncated: { tag: 2, kind: 'u8' }, unlisted: { tag: 3, kind: 'u32' }
  })
  return {
    entries: required('entries', fields.entries),
    truncated: requiredFlag('truncated', fields.truncated),
    unlisted: required('unlisted', fields.unlisted)
  }
}

/** Payload of OPEN for READ; default is the whole file. */
export function encodeRead (request: { path: AgentPath, offset?: number, length?: number }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u64(2, request.offset)
  fields.u64(3, request.length)
  return checkOpen(fields.concat(Buffer.of(Operation.READ)))
}

/** The one event of a read: what is read. */
export function decodeReadEvent (payload: Buffer): FileEntry {
  if (payload[0] !== EventKind.FILE) throw new AgentProtocolError(`the agent sent an unknown event ${payload[0]}`)
  return decodeEntryResult(payload.subarray(1))
}

export function decodeReadResult (payload: Buffer): { sentBytes: number } {
  const fields = decodeFields(payload, { sentBytes: { tag: 1, kind: 'u64' } })
  return { sentBytes: required('sentBytes', fields.sentBytes) }
}

export interface WriteOptions {
  /** What must be there, or not, for the write to happen. */
  precondition?: 'absent' | FileVersion
  /** Default: that of the file that is replaced, else 0644. */
  mode?: number
  mtimeNs?: bigint
  maxBytes?: number
  /** Whether the write has reached the disk when it is done; default true. */
  sync?: boolean
}

/** Payload of OPEN for WRITE. */
export function encodeWrite ({ path, precondition, mode, mtimeNs, maxBytes, sync }: WriteOptions & { path: AgentPath }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, path)
  fields.u32(2, mode)
  if (precondition === 'absent') fields.u8(3, 1)
  else if (precondition !== undefined) fields.bytes(4, encodeVersion(precondition))
  fields.u64(5, maxBytes)
  fields.u64(6, mtimeNs)
  fields.u8(7, sync === false ? 0 : undefined)
  return checkOpen(fields.concat(Buffer.of(Operation.WRITE)))
}

function encodeVersion ({ mtimeNs, size, inode }: FileVersion): Buffer {
  const bytes = Buffer.allocUnsafe(24)
  bytes.writeBigUInt64BE(mtimeNs, 0)
  bytes.writeBigUInt64BE(BigInt(size), 8)
  bytes.writeBigUInt64BE(inode, 16)
  return bytes
}

/** The one event of a write: that it may go on. */
export function decodeWriteEvent (payload: Buffer): void {
  if (payload[0] !== EventKind.ACCEPTED) throw new AgentProtocolError(`the agent sent an unknown event ${payload[0]}`)
  decodeFields(payload.subarray(1), {})
}

/** Payload of OPEN for MKDIR. */
export function encodeMakeDirectory (request: { path: AgentPath, mode?: number }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u32(2, request.mode)
  return checkOpen(fields.concat(Buffer.of(Operation.MKDIR)))
}

/** Payload of OPEN for LINK. */
export function encodeLink (request: { path: AgentPath, target: AgentPath, overwrite?: boolean }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.bytes(2, request.target)
  fields.u8(3, request.overwrite ? 1 : undefined)
  return checkOpen(fields.concat(Buffer.of(Operation.LINK)))
}

/** Payload of OPEN for SYNC. */
export function encodeSync (): Buffer {
  return Buffer.of(Operation.SYNC)
}

export function decodeSyncResult (payload: Buffer): void {
  decodeFields(payload, {})
}
