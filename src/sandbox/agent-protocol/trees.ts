import { checkOpen } from './connection.ts'
import { Operation } from './constants.ts'
import { createFieldWriter, decodeFields, required } from './fields.ts'
import type { AgentPath } from './files.ts'

export interface MoveRequest {
  path: AgentPath
  to: AgentPath
  /** Replaces what is at `to`, a directory with all its content included. */
  overwrite?: boolean
}

/** Payload of OPEN for MOVE. */
export function encodeMove (request: MoveRequest): Buffer {
  return checkOpen(transferFields(request).concat(Buffer.of(Operation.MOVE)))
}

export interface CopyRequest extends MoveRequest {
  /** Most bytes of content, in all files together. */
  maxBytes?: number
}

/** Payload of OPEN for COPY. */
export function encodeCopy (request: CopyRequest): Buffer {
  const fields = transferFields(request)
  fields.u64(4, request.maxBytes)
  return checkOpen(fields.concat(Buffer.of(Operation.COPY)))
}

function transferFields ({ path, to, overwrite }: MoveRequest) {
  const fields = createFieldWriter()
  fields.bytes(1, path)
  fields.bytes(2, to)
  fields.u8(3, overwrite ? 1 : undefined)
  return fields
}

/** Payload of OPEN for REMOVE. */
export function encodeRemove (request: { path: AgentPath, recursive?: boolean }): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, request.path)
  fields.u8(2, request.recursive ? 1 : undefined)
  return checkOpen(fields.concat(Buffer.of(Operation.REMOVE)))
}

export function decodeRemoveResult (payload: Buffer): { removedEntries: number } {
  const fields = decodeFields(payload, { removedEntries: { tag: 1, kind: 'u32' } })
  return { removedEntries: required('removedEntries', fields.removedEntries) }
}

export interface UsageRequest {
  /** Names of directories whose content is not counted. */
  exclude?: readonly AgentPath[]
  /** It ends as soon as there is more of either. */
  maxBytes?: number
  maxEntries?: number
}

/** Payload of OPEN for USAGE. */
export function encodeUsage (request: UsageRequest = {}): Buffer {
  const fields = createFieldWriter()
  for (const name of request.exclude ?? []) fields.bytes(5, name)
  fields.u64(6, request.maxBytes)
  fields.u32(7, request.maxEntries)
  return checkOpen(fields.concat(Buffer.of(Operation.USAGE)))
}

export interface FileUsage {
  /** On the disk; what several names share counts once. */
  bytes: number
  entries: number
}

export function decodeUsageResult (payload: Buffer): FileUsage {
  const fields = decodeFields(payload, { bytes: { tag: 1, kind: 'u64' }, entries: { tag: 2, kind: 'u32' } })
  return { bytes: required('bytes', fields.bytes), entries: required('entries', fields.entries) }
}

/** Payload of OPEN for SPACE. */
export function encodeSpace (): Buffer {
  return Buffer.of(Operation.SPACE)
}

/** Of a file system, as ordinary users may take it. Inodes are 0 where it does not count them. */
export interface FileSystemSpace {
  totalBytes: number
  freeBytes: number
  totalInodes: number
  freeInodes: number
}

export function decodeSpaceResult (payload: Buffer): FileSystemSpace {
  const fields = decodeFields(payload, {
    totalBytes: { tag: 1, kind: 'u64' }, freeBytes: { tag: 2, kind: 'u64' }, totalInodes: { tag: 3, kind: 'u64' }, freeInodes: { tag: 4, kind: 'u64' }
  })
  return {
    totalBytes: required('totalBytes', fields.totalBytes),
    freeBytes: required('freeBytes', fields.freeBytes),
    totalInodes: required('totalInodes', fields.totalInodes),
    freeInodes: required('freeInodes', fields.freeInodes)
  }
}
