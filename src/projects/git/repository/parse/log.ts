import { groups, parseHash, parseTime } from './records.ts'

export interface Person {
  readonly name: string
  readonly email: string
  readonly at: Date
}

export interface Commit {
  readonly commit: string
  readonly parents: readonly string[]
  readonly author: Person
  readonly committer: Person
  readonly message: string
}

const FIELDS = ['H', 'P', 'an', 'ae', 'at', 'cn', 'ce', 'ct', 'B'] as const

/** For `git log -z`, which puts a NUL behind each commit as the format does behind each field. */
export const LOG_FORMAT = `--format=${FIELDS.map((field) => `%${field}`).join('%x00')}`

/** Reads what is printed with that format; a commit that is cut off is left out. Throws MalformedOutputError. */
export function parseLog (output: Buffer, most: number): Commit[] {
  const commits: Commit[] = []
  for (const [commit, parents = '', authorName = '', authorEmail = '', authored, committerName = '', committerEmail = '', committed, message = ''] of groups(output, { size: FIELDS.length, most })) {
    commits.push({
      commit: parseHash(commit),
      parents: parents === '' ? [] : parents.split(' ').map(parseHash),
      author: { name: authorName, email: authorEmail, at: parseTime(authored) },
      committer: { name: committerName, email: committerEmail, at: parseTime(committed) },
      message: message.trimEnd()
    })
  }
  return commits
}
