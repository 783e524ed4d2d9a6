import { checkOpen } from './connection.ts'
import { Operation } from './constants.ts'
import { readEntryFacts, type FileEntry } from './entries.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, required, requiredFlag } from './fields.ts'

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

export type WalkEntry = Omit<FileEntry, 'target'>

/** The entries of one DATA frame of a walk, which never splits one. */
export function decodeWalkEntries (payload: Buffer): WalkEntry[] {
  const entries: WalkEntry[] = []
  for (let offset = 0; offset < payload.length;) {
    const { entry, end } = readEntryFacts(payload, offset)
    if (entry.path.length === 0) throw new AgentProtocolError('the agent sent an entry without a path')
    entries.push(entry)
    offset = end
  }
  return entries
}

export function decodeWalkResult (payload: Buffer): { entries: number, truncated: boolean } {
  const fields = decodeFields(payload, { entries: { tag: 1, kind: 'u32' }, truncated: { tag: 2, kind: 'u8' } })
  return { entries: required('entries', fields.entries), truncated: requiredFlag('truncated', fields.truncated) }
}

/** Payload of OPEN for RESET. */
export function encodeReset (): Buffer {
  return Buffer.of(Operation.RESET)
}

export function decodeResetResult (payload: Buffer): { removedEntries: number } {
  const fields = decodeFields(payload, { removedEntries: { tag: 1, kind: 'u32' } })
  return { removedEntries: required('removedEntries', fields.removedEntries) }
}
