import type { Commit, Person } from './parse/log.ts'
import type { Status } from './parse/status.ts'

export function presentStatus ({ branch, entries, isTruncated }: Status) {
  return { branch, entries: [...entries], truncated: isTruncated }
}

export function presentCommit ({ author, committer, parents, ...commit }: Commit) {
  return { ...commit, parents: [...parents], author: presentPerson(author), committer: presentPerson(committer) }
}

function presentPerson ({ name, email, at }: Person) {
  return { name, email, at: at.toISOString() }
}
