import { MalformedOutputError, groups, parseHash } from './records.ts'

export interface Branch {
  readonly name: string
  readonly isRemote: boolean
  readonly isCurrent: boolean
  /** Null before the first one. */
  readonly commit: string | null
  /** First line of its newest commit. */
  readonly subject: string
  readonly upstream: string | null
  /** Null where there is no upstream, or it is gone. */
  readonly ahead: number | null
  readonly behind: number | null
}

const FIELDS = ['refname', 'HEAD', 'objectname', 'contents:subject', 'upstream:short', 'upstream:track', 'symref'] as const

export const BRANCH_FORMAT = `--format=${FIELDS.map((field) => `%(${field})%00`).join('')}`

/** Reads what `git for-each-ref` prints with that format: fields that end with NUL, and a newline behind the last. Throws MalformedOutputError. */
export function parseBranches (output: Buffer, most: number): Branch[] {
  const branches: Branch[] = []
  for (const [ref = '', head, commit, subject = '', upstream = '', track = '', symref] of groups(output, { size: FIELDS.length, most })) {
    // `origin/HEAD` is another name of a branch that is in the list itself.
    if (symref !== '') continue
    const [, kind, name] = /^\n?refs\/(heads|remotes)\/([^\n]+)$/.exec(ref) ?? []
    if (name === undefined) throw new MalformedOutputError('a branch without a name')
    branches.push({ name, isRemote: kind === 'remotes', isCurrent: head === '*', commit: parseHash(commit), subject, upstream: upstream === '' ? null : upstream, ...distance(upstream, track) })
  }
  return branches
}

/** From such as `[ahead 1, behind 2]`. */
function distance (upstream: string, track: string): Pick<Branch, 'ahead' | 'behind'> {
  if (upstream === '' || track === '[gone]') return { ahead: null, behind: null }
  const count = (pattern: RegExp): number => Number(pattern.exec(track)?.[1] ?? 0)
  return { ahead: count(/ahead (\d{1,15})/), behind: count(/behind (\d{1,15})/) }
}
