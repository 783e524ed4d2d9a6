import { checkOpen } from './connection.ts'
import { EventKind, Operation, type ValueOf } from './constants.ts'
import { checkEntryPath, readEntry, readLengthPrefixed, type FileEntry } from './entries.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, required } from './fields.ts'
import type { AgentPath } from './files.ts'

export interface WatchRequest {
  /** A directory or a file; default the root. */
  path?: AgentPath
  recursive: boolean
  /** Names of directories whose content is not watched. */
  exclude?: readonly AgentPath[]
}

/** Payload of OPEN for WATCH. */
export function encodeWatch ({ path, recursive, exclude = [] }: WatchRequest): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, path)
  fields.u8(2, recursive ? 1 : undefined)
  for (const name of exclude) fields.bytes(5, name)
  return checkOpen(fields.concat(Buffer.of(Operation.WATCH)))
}

/** Why changes were not reported. */
export const OverflowReason = {
  /** The server took them too slowly. */
  UNREAD: 1,
  /** The kernel dropped them. */
  KERNEL_QUEUE: 2,
  /** A directory could not be watched. */
  UNWATCHED: 3
} as const

const OVERFLOW_REASONS: ReadonlySet<number> = new Set(Object.values(OverflowReason))

export type WatchEvent =
  | { kind: typeof EventKind.WATCHING }
  | { kind: typeof EventKind.OVERFLOW, reason: ValueOf<typeof OverflowReason> }

export function decodeWatchEvent (payload: Buffer): WatchEvent {
  const kind = payload[0]
  const fields = payload.subarray(1)
  if (kind === EventKind.OVERFLOW) return { kind, reason: readReason(fields) }
  if (kind !== EventKind.WATCHING) throw new AgentProtocolError(`the agent sent an unknown event ${kind}`)
  decodeFields(fields, {})
  return { kind }
}

function readReason (fields: Buffer): ValueOf<typeof OverflowReason> {
  const reason = required('reason', decodeFields(fields, { reason: { tag: 1, kind: 'u8' } }).reason)
  if (!isOverflowReason(reason)) throw new AgentProtocolError(`the agent sent an unknown reason ${reason}`)
  return reason
}

function isOverflowReason (reason: number): reason is ValueOf<typeof OverflowReason> {
  return OVERFLOW_REASONS.has(reason)
}

const CHANGE_KINDS = { c: 'created', m: 'modified', d: 'deleted', v: 'moved' } as const

export interface FileChange {
  kind: typeof CHANGE_KINDS[keyof typeof CHANGE_KINDS]
  /**
   * What is there now. Of what is deleted only path and type, and that only as far as the kernel tells: directory or file.
   * Of what has moved, the path it had; all else is about what is at `to` now, or zero if that is gone, too.
   */
  entry: FileEntry
  to?: Buffer
}

/** The changes of one DATA frame, which never splits one. */
export function decodeChanges (payload: Buffer): FileChange[] {
  const changes: FileChange[] = []
  for (let offset = 0; offset < payload.length;) {
    const letter = String.fromCharCode(payload.readUInt8(offset))
    if (!isChangeLetter(letter)) throw new AgentProtocolError('the agent sent a change of no known kind')
    const { entry, end } = readEntry(payload, offset + 1)
    const to = readLengthPrefixed(payload, end)
    checkEntryPath(to)
    if ((to.length > 0) !== (letter === 'v')) throw new AgentProtocolError('the agent sent a move without its other path, or a path without a move')
    changes.push({ kind: CHANGE_KINDS[letter], entry, ...to.length > 0 && { to } })
    offset = end + 2 + to.length
  }
  return changes
}

function isChangeLetter (letter: string): letter is keyof typeof CHANGE_KINDS {
  return Object.hasOwn(CHANGE_KINDS, letter)
}

export function decodeWatchResult (payload: Buffer): void {
  decodeFields(payload, {})
}
