import { pathToText } from '../../../core/paths.ts'
import { MalformedOutputError, parseCount } from './records.ts'

export interface FileDiff {
  readonly path: string
  /** Of a rename or a copy. */
  readonly from: string | null
  /** Lines; null of what is not text. */
  readonly additions: number | null
  readonly deletions: number | null
}

export interface Diff {
  readonly files: readonly FileDiff[]
  readonly patch: string
  readonly isTruncated: boolean
}

const TAB = 0x09
const MOST_FILES = 10_000

/**
 * Reads `git diff --numstat --patch -z`: a record for each file, an empty one, and the patch. Where there are conflicts and
 * nothing else, there is only the patch; where there are too many files for a list, there is only that. Throws MalformedOutputError.
 */
export function parseDiff (output: Buffer, isCut: boolean): Diff {
  if (!/^[\d-]/.test(output.toString('latin1', 0, 1))) return { files: [], patch: output.toString(), isTruncated: isCut }
  const files: FileDiff[] = []
  let start = 0
  const next = (): Buffer | undefined => {
    const end = output.indexOf(0, start)
    if (end === -1) return undefined
    const record = output.subarray(start, end)
    start = end + 1
    return record
  }
  for (let record = next(); record !== undefined; record = next()) {
    if (record.length === 0) return { files, patch: output.toString('utf8', start), isTruncated: isCut }
    const second = record.indexOf(TAB, record.indexOf(TAB) + 1)
    if (second <= 0) throw new MalformedOutputError('a file without its numbers of lines')
    const [additions, deletions] = record.toString('latin1', 0, second).split('\t')
    const names = second + 1 < record.length ? [record.subarray(second + 1)] : [next(), next()]
    const [path, from] = [names.at(-1), names.length === 2 ? names[0] : undefined]
    // Cut off in between, or more than anybody looks at one by one.
    if (path === undefined || files.length === MOST_FILES) break
    files.push({ path: pathToText(path), from: from === undefined ? null : pathToText(from), additions: lines(additions), deletions: lines(deletions) })
  }
  return { files, patch: '', isTruncated: true }
}

const lines = (text: string | undefined): number | null => text === '-' ? null : parseCount(text)
