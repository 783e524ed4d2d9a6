const MAX_LENGTH = 255
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/

/** Whether it names a commit by its whole hash; fewer digits are a branch or a tag, as servers find no commit by them. */
export function isCommit (ref: string): boolean {
  return COMMIT.test(ref)
}

/** Why no branch, tag or commit can have this name, as the end of a sentence; undefined if one can. The rules are those of git-check-ref-format. */
export function refProblem (ref: string): string | undefined {
  if (ref.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`
  if (!ref.isWellFormed()) return 'is not valid Unicode'
  if (ref.startsWith('-')) return 'begins with a dash'
  if (/[\p{Cc} ~^:?*[\\]|\.\.|@\{/u.test(ref)) return 'has something in it that git does not allow in names'
  const isBroken = ref.split('/').some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'))
  if (isBroken || ref === '@' || ref.endsWith('.')) return 'is no name of a branch or a tag'
  return undefined
}
