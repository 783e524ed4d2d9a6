import { isOwnName } from '../../../core/names.ts'
import { pathToText } from '../../../core/paths.ts'
import { MalformedOutputError, parseCount, parseHash, records, splitWords } from './records.ts'

export const fileStates = ['unmodified', 'modified', 'type_changed', 'added', 'deleted', 'renamed', 'copied', 'unmerged', 'untracked', 'ignored'] as const
type FileState = typeof fileStates[number]

export const conflicts = ['both_deleted', 'added_by_us', 'deleted_by_them', 'added_by_them', 'deleted_by_us', 'both_added', 'both_modified'] as const

export interface StatusEntry {
  readonly path: string
  /** Of a rename or a copy. */
  readonly from: string | null
  readonly index: FileState
  readonly worktree: FileState
  readonly conflict: typeof conflicts[number] | null
  readonly isSubmodule: boolean
}

export interface BranchStatus {
  /** Null when a commit is checked out rather than a branch. */
  readonly name: string | null
  /** Null before the first one. */
  readonly commit: string | null
  readonly upstream: string | null
  /** Null where the upstream is not there. */
  readonly ahead: number | null
  readonly behind: number | null
}

export interface Status {
  readonly branch: BranchStatus
  readonly entries: readonly StatusEntry[]
  readonly isTruncated: boolean
}

const STATES: Readonly<Record<string, FileState>> = { '.': 'unmodified', M: 'modified', T: 'type_changed', A: 'added', D: 'deleted', R: 'renamed', C: 'copied' }
const CONFLICTS: Readonly<Record<string, typeof conflicts[number]>> = { DD: 'both_deleted', AU: 'added_by_us', UD: 'deleted_by_them', UA: 'added_by_them', DU: 'deleted_by_us', AA: 'both_added', UU: 'both_modified' }
// The words before the path, as `git status --porcelain=v2` has them.
const CHANGED_WORDS = 8
const RENAMED_WORDS = 9
const UNMERGED_WORDS = 10

/** Reads `git status --porcelain=v2 --branch -z`, no further than so many entries. Throws MalformedOutputError. */
export function parseStatus (output: Buffer, mostEntries: number): Status {
  let branch: BranchStatus = { name: null, commit: null, upstream: null, ahead: null, behind: null }
  const entries: StatusEntry[] = []
  const lines = records(output)
  for (const line of lines) {
    if (line[0] === '#'.charCodeAt(0)) {
      branch = { ...branch, ...parseHeader(line) }
      continue
    }
    const entry = parseEntry(line, () => lines.next().value)
    // One whose other name is cut off.
    if (entry === undefined) break
    if (isOwn(entry.path)) continue
    if (entries.length === mostEntries) return { branch, entries, isTruncated: true }
    entries.push(entry)
  }
  return { branch, entries, isTruncated: false }
}

function parseHeader (line: Buffer): Partial<BranchStatus> {
  const { words: [, name], rest } = splitWords(line, 2)
  const text = pathToText(rest)
  if (name === 'branch.oid') return { commit: text === '(initial)' ? null : parseHash(text) }
  if (name === 'branch.head') return { name: text === '(detached)' ? null : text }
  if (name === 'branch.upstream') return { upstream: text }
  // git has more of them.
  if (name !== 'branch.ab') return {}
  const [ahead, behind] = text.split(' ')
  return { ahead: parseCount(ahead?.replace('+', '')), behind: parseCount(behind?.replace('-', '')) }
}

function parseEntry (line: Buffer, nextRecord: () => Buffer | undefined | void): StatusEntry | undefined {
  const plain = { from: null, conflict: null, isSubmodule: false }
  switch (line.toString('latin1', 0, 2)) {
    case '? ': return { ...plain, path: pathToText(line.subarray(2)), index: 'untracked', worktree: 'untracked' }
    case '! ': return { ...plain, path: pathToText(line.subarray(2)), index: 'ignored', worktree: 'ignored' }
    case '1 ': {
      const { words: [, states, submodule], rest } = splitWords(line, CHANGED_WORDS)
      return { ...plain, path: pathToText(rest), ...parseStates(states), isSubmodule: submodule?.startsWith('S') === true }
    }
    case '2 ': {
      const { words: [, states, submodule], rest } = splitWords(line, RENAMED_WORDS)
      const from = nextRecord()
      if (!(from instanceof Buffer)) return undefined
      return { path: pathToText(rest), from: pathToText(from), ...parseStates(states), conflict: null, isSubmodule: submodule?.startsWith('S') === true }
    }
    case 'u ': {
      const { words: [, states = '', submodule], rest } = splitWords(line, UNMERGED_WORDS)
      const conflict = CONFLICTS[states]
      if (conflict === undefined) throw new MalformedOutputError('a conflict of no known kind')
      return { path: pathToText(rest), from: null, index: 'unmerged', worktree: 'unmerged', conflict, isSubmodule: submodule?.startsWith('S') === true }
    }
    default: throw new MalformedOutputError('a record of no known kind')
  }
}

function parseStates (letters: string | undefined): Pick<StatusEntry, 'index' | 'worktree'> {
  const [index, worktree] = [STATES[letters?.[0] ?? ''], STATES[letters?.[1] ?? '']]
  if (index === undefined || worktree === undefined || letters?.length !== 2) throw new MalformedOutputError('a state of no known kind')
  return { index, worktree }
}

/** Something of ours that is on its way into the project. */
function isOwn (path: string): boolean {
  return isOwnName(Buffer.from(path))
}
