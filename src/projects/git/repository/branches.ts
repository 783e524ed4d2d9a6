import { errors } from '../../../errors.ts'
import { refProblem } from '../../core/source/ref.ts'
import type { Git } from './git.ts'
import type { Branch } from './parse/branches.ts'
import { findBranch } from './reading.ts'

/** Throws BAD_REQUEST for what git has no such name for: what begins with a dash is an option to it. */
export function checkRef (what: string, ref: string | undefined): void {
  const problem = ref === undefined ? undefined : refProblem(ref)
  if (problem !== undefined) throw new errors.BAD_REQUEST(`"${what}" ${problem}`)
}

export async function createBranch (git: Git, { name, from, checkout = false }: { name: string, from?: string | undefined, checkout?: boolean | undefined }): Promise<Branch> {
  // "HEAD" would be a branch that nobody can name.
  if (name === 'HEAD') throw new errors.BAD_REQUEST('"name" is what git calls that which is checked out')
  const start = from === undefined ? [] : [from]
  await git.run(checkout ? ['checkout', '--quiet', '-b', name, ...start, '--'] : ['branch', name, ...start])
  const made = await findBranch(git, name)
  // One without a commit is only what the next commit will begin.
  if (made === undefined) return { name, isRemote: false, isCurrent: true, commit: null, subject: '', upstream: null, ahead: null, behind: null }
  return made
}

export async function deleteBranch (git: Git, name: string, { force }: { force: boolean }): Promise<void> {
  await git.run(['branch', '--delete', ...(force ? ['--force'] : []), '--', name])
}

/** A branch, one of a remote's that is not here yet, or a tag or a commit, which is then checked out without a branch. */
export async function checkOut (git: Git, ref: string): Promise<void> {
  await git.run(['checkout', '--quiet', ref, '--'])
}
