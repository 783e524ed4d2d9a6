import { errors } from '../../errors.ts'
import { etagOf, parseEtag } from '../../sandbox/agent-client/etag.ts'
import type { FileEntry, FileVersion } from '../../sandbox/agent-protocol.ts'
import { mtimeOf } from './present.ts'

/** The headers by which a client says what it has, or believes to be there. */
export interface ConditionHeaders {
  readonly 'if-match'?: string | undefined
  readonly 'if-none-match'?: string | undefined
  readonly 'if-modified-since'?: string | undefined
  readonly 'if-unmodified-since'?: string | undefined
  readonly 'if-range'?: string | undefined
}

/** What a request to read may have of the file: RFC 9110, 13.2.2. Our tags are strong. */
export function evaluateRead (headers: ConditionHeaders, entry: FileEntry): 'go on' | 'not modified' | 'failed' {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-modified-since': since } = headers
  if (ifMatch !== undefined && !names(ifMatch, entry)) return 'failed'
  if (ifNoneMatch !== undefined) return names(withoutWeakness(ifNoneMatch), entry) ? 'not modified' : 'go on'
  return since !== undefined && wholeSeconds(mtimeOf(entry)) <= Date.parse(since) ? 'not modified' : 'go on'
}

/** Whether a Range still applies. A date may say it only of what has not changed in the second that it names, which we cannot know. */
export function isRangeCurrent (ifRange: string | undefined, entry: FileEntry): boolean {
  return ifRange === undefined || ifRange.trim() === etagOf(entry)
}

/** What has to be there for a write: a version, nothing (`absent`), anything (`present`), or what cannot be (`never`). */
export type WriteCondition = 'absent' | 'present' | 'never' | readonly FileVersion[] | undefined

/** Throws BAD_REQUEST for what could only be taken for less than it says. */
export function writeCondition ({ 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-unmodified-since': since }: ConditionHeaders): WriteCondition {
  if (since !== undefined) throw new errors.BAD_REQUEST('A time names no version of a file: send its ETag in If-Match')
  if (ifNoneMatch?.trim() === '*') return ifMatch === undefined ? 'absent' : 'never'
  if (ifNoneMatch !== undefined) throw new errors.BAD_REQUEST('A write can be conditional on a version by If-Match, or on there being none by If-None-Match: *')
  if (ifMatch === undefined) return undefined
  if (ifMatch.trim() === '*') return 'present'
  const versions = tagsOf(ifMatch).map(parseEtag).filter((version) => version !== undefined)
  return versions.length === 0 ? 'never' : versions
}

function names (header: string, entry: FileEntry): boolean {
  return header.trim() === '*' || tagsOf(header).includes(etagOf(entry))
}

function tagsOf (header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}

/** If-None-Match compares weakly: a proxy that compresses weakens our tag. */
function withoutWeakness (header: string): string {
  return header.replaceAll('W/"', '"')
}

function wholeSeconds (date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000
}
