import { parseDirectory, pathToText } from '../../core/paths.ts'
import type { Git } from './git.ts'
import type { Commit } from './parse/log.ts'
import { pathArguments, pathList } from './paths.ts'
import { readLog, readStatus } from './reading.ts'

const BY_INPUT = ['--pathspec-from-file=-', '--pathspec-file-nul']

export interface Identity {
  readonly name: string
  readonly email: string
}

/** What git takes for the author and the committer, over what is configured. */
export function identityEnvironment (identity: Identity | undefined): Record<string, string> {
  if (identity === undefined) return {}
  const { name, email } = identity
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email }
}

export async function initRepository (git: Git, branch: string): Promise<void> {
  await git.run(['init', '--quiet', '--template=', `--initial-branch=${branch}`])
}

export async function stage (git: Git, paths: readonly string[]): Promise<void> {
  await git.run(['add', '--all', ...BY_INPUT], { input: pathList(paths) })
}

export async function unstage (git: Git, paths: readonly string[]): Promise<void> {
  await git.run(['reset', '--quiet', ...BY_INPUT], { input: pathList(paths) })
}

/** Puts files back as they are staged, or deletes them where they are untracked and that is asked for. */
export async function discard (git: Git, paths: readonly string[], { untracked }: { untracked: boolean }): Promise<void> {
  const chosen = paths.map((path) => pathToText(parseDirectory(path)))
  if (untracked) await git.run(['clean', '--force', '-d', '--quiet', '--', ...paths.flatMap(pathArguments)])
  const { entries } = await readStatus(git, { untracked: 'no' })
  const changed = entries.filter(({ path, worktree }) => worktree !== 'unmodified' && chosen.some((parent) => isBeneath(path, parent)))
  if (changed.length > 0) await git.run(['restore', '--worktree', ...BY_INPUT], { input: pathList(changed.map(({ path }) => path)) })
}

function isBeneath (path: string, parent: string): boolean {
  return parent === '' || path === parent || path.startsWith(`${parent}/`)
}

export interface CommitRequest {
  /** Of an amended commit it can stay as it was. */
  readonly message?: string | undefined
  readonly amend?: boolean | undefined
  readonly all?: boolean | undefined
  readonly allowEmpty?: boolean | undefined
  readonly author?: Identity | undefined
}

export async function commit (git: Git, { message, amend = false, all = false, allowEmpty = false, author }: CommitRequest, committer: Identity | undefined): Promise<Commit> {
  const options = [
    ...(message === undefined ? ['--no-edit'] : ['--file=-', '--cleanup=whitespace']),
    ...(amend ? ['--amend'] : []),
    ...(all ? ['--all'] : []),
    ...(allowEmpty ? ['--allow-empty'] : []),
    ...(author === undefined ? [] : [`--author=${author.name} <${author.email}>`])
  ]
  await git.run(['commit', '--quiet', ...options], { input: Buffer.from(message ?? ''), env: identityEnvironment(committer ?? author) })
  const { commits: [made] } = await readLog(git, { limit: 1 })
  if (made === undefined) throw new Error('git has committed, and there is no commit')
  return made
}
