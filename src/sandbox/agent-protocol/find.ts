import { checkOpen } from './connection.ts'
import { Operation } from './constants.ts'
import { readEntry, type FileEntry } from './entries.ts'
import { AgentProtocolError } from './error.ts'
import { createFieldWriter, decodeFields, required, requiredFlag } from './fields.ts'
import type { AgentPath } from './files.ts'

/** What to find: a glob, a text, or files that fit the glob and contain the text. */
export interface FindRequest {
  /** A directory; default the root. */
  path?: AgentPath
  /** On the name or, with a slash in it, on the path beneath the directory, where `**` is any number of directories. */
  glob?: string
  /** In the content, at most 1,000 bytes of one line. */
  text?: string
  /** Of ASCII letters, in the glob and in the text. */
  ignoreCase?: boolean
  /** Names of directories whose content is left out. */
  exclude?: readonly AgentPath[]
  /** Default 1,000. */
  maxMatches?: number
  /** Files larger than that are not searched for the text; default 1 MiB. */
  maxFileBytes?: number
}

/** Payload of OPEN for FIND. */
export function encodeFind ({ path, glob, text, ignoreCase, exclude = [], maxMatches, maxFileBytes }: FindRequest): Buffer {
  const fields = createFieldWriter()
  fields.bytes(1, path)
  fields.bytes(2, glob)
  fields.bytes(3, text)
  fields.u8(4, ignoreCase ? 1 : undefined)
  for (const name of exclude) fields.bytes(5, name)
  fields.u32(6, maxMatches)
  fields.u64(7, maxFileBytes)
  return checkOpen(fields.concat(Buffer.of(Operation.FIND)))
}

export interface FileMatch {
  entry: FileEntry
  /** From 1; 0 when it is the name that matched. One match is reported of each line. */
  line: number
  /** From 1, in bytes from the beginning of the line; 0 when it is the name that matched. */
  column: number
  /** At most 512 bytes of the line: from its beginning, or, where the match lies further on, from shortly before that. */
  text: Buffer
}

const MATCH_FACTS_BYTES = 10
const MAX_TEXT_BYTES = 512

/** The matches of one DATA frame, which never splits one. */
export function decodeMatches (payload: Buffer): FileMatch[] {
  const matches: FileMatch[] = []
  for (let offset = 0; offset < payload.length;) {
    const { entry, end } = readEntry(payload, offset)
    const textAt = end + MATCH_FACTS_BYTES
    const textBytes = payload.length < textAt ? Infinity : payload.readUInt16BE(end + 8)
    if (entry.path.length === 0 || textBytes > MAX_TEXT_BYTES || payload.length - textAt < textBytes) {
      throw new AgentProtocolError('the agent sent a broken match')
    }
    offset = textAt + textBytes
    matches.push({ entry, line: payload.readUInt32BE(end), column: payload.readUInt32BE(end + 4), text: payload.subarray(textAt, offset) })
  }
  return matches
}

export function decodeFindResult (payload: Buffer): { matches: number, truncated: boolean } {
  const fields = decodeFields(payload, { matches: { tag: 1, kind: 'u32' }, truncated: { tag: 2, kind: 'u8' } })
  return { matches: required('matches', fields.matches), truncated: requiredFlag('truncated', fields.truncated) }
}
