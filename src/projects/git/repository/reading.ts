import { errors } from '../../../errors.ts'
import { invalidCursor } from '../../../http/cursor.ts'
import type { Git } from './git.ts'
import { LOG_FORMAT, parseLog, type Commit } from './parse/log.ts'
import { BRANCH_FORMAT, parseBranches, type Branch } from './parse/branches.ts'
import { parseDiff, type Diff } from './parse/diff.ts'
import { parseHash } from './parse/records.ts'
import { parseStatus, type Status } from './parse/status.ts'
import { pathArguments } from './paths.ts'

const MOST_ENTRIES = 10_000
const MOST_BRANCHES = 1_000
const MOST_BYTES = 2 * 1024 ** 2
// What is changed within them is theirs to say.
const SUBMODULES = '--ignore-submodules=dirty'
// Nothing that the repository names is run for a picture of it, and the format is the same whatever is configured.
const DIFF_OPTIONS = ['--numstat', '--patch', '-z', '--no-ext-diff', '--no-textconv', '--no-color', '--find-renames', '--src-prefix=a/', '--dst-prefix=b/', '--submodule=short', SUBMODULES]

export async function readStatus (git: Git, { untracked = 'normal' }: { untracked?: 'no' | 'normal' | 'all' | undefined } = {}): Promise<Status> {
  const args = ['status', '--porcelain=v2', '--branch', '-z', `--untracked-files=${untracked}`, '--ignored=no', '--find-renames', '--ahead-behind', SUBMODULES]
  return await git.read(args, (output, isCut) => {
    const status = parseStatus(output, MOST_ENTRIES)
    return { ...status, isTruncated: status.isTruncated || isCut }
  }, { mayTruncate: true, outputBytes: MOST_BYTES })
}

/** Of the files against the index, of that against the newest commit, or of what a commit has changed. */
export async function readDiff (git: Git, { path, staged = false, commit, context = 3 }: { path?: string | undefined, staged?: boolean | undefined, commit?: string | undefined, context?: number | undefined }): Promise<Diff> {
  const options = [...DIFF_OPTIONS, `--unified=${context}`]
  const command = commit === undefined
    ? ['diff', ...options, ...(staged ? ['--cached'] : [])]
    : ['show', '--format=', '-m', '--first-parent', ...options, await resolveCommit(git, commit)]
  return await git.read([...command, '--', ...pathArguments(path)], parseDiff, { mayTruncate: true, outputBytes: MOST_BYTES })
}

export interface LogPage {
  readonly commits: readonly Commit[]
  readonly nextCursor: string | null
}

/** The newest first. A page goes on from the commit that the first began with, whatever was committed since. */
export async function readLog (git: Git, { ref, path, limit = 50, cursor }: { ref?: string | undefined, path?: string | undefined, limit?: number | undefined, cursor?: string | undefined }): Promise<LogPage> {
  const position = cursor === undefined ? await findStart(git, ref) : decodePosition(cursor)
  if (position === undefined) return { commits: [], nextCursor: null }
  const { start, skip } = position
  const args = ['log', '-z', LOG_FORMAT, '--encoding=UTF-8', '--no-show-signature', '--no-color', '--no-decorate', `--max-count=${limit + 1}`, `--skip=${skip}`, start, '--', ...pathArguments(path)]
  return await git.read(args, (output, isTruncated) => {
    const found = parseLog(output, limit + 1)
    const commits = found.slice(0, limit)
    if (isTruncated && commits.length === 0) throw new errors.GIT_FAILED('A commit has a message that is too large to be shown')
    const hasMore = isTruncated || found.length > limit
    return { commits, nextCursor: hasMore ? encodePosition({ start, skip: skip + commits.length }) : null }
  }, { mayTruncate: true, outputBytes: MOST_BYTES })
}

export async function readBranches (git: Git): Promise<{ branches: Branch[], isTruncated: boolean }> {
  return await git.read(['for-each-ref', BRANCH_FORMAT, `--count=${MOST_BRANCHES + 1}`, 'refs/heads', 'refs/remotes'], (output, isCut) => {
    const branches = parseBranches(output, MOST_BRANCHES + 1)
    return { branches: branches.slice(0, MOST_BRANCHES), isTruncated: isCut || branches.length > MOST_BRANCHES }
  }, { mayTruncate: true, outputBytes: MOST_BYTES })
}

export async function findBranch (git: Git, name: string): Promise<Branch | undefined> {
  // The pattern is also that of branches in a folder of that name.
  const found = await git.read(['for-each-ref', BRANCH_FORMAT, '--count=1', `refs/heads/${name}`], (output) => parseBranches(output, 1))
  return found.find((branch) => branch.name === name)
}

/** The hash of what a branch, a tag, a hash or HEAD leads to. Throws REF_NOT_FOUND. */
export async function resolveCommit (git: Git, ref: string): Promise<string> {
  return await git.read(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], (output) => {
    if (output.length === 0) throw new errors.REF_NOT_FOUND(JSON.stringify(ref))
    return parseHash(output.toString('latin1').trimEnd())
  }, { exits: [0, 1] })
}

async function findStart (git: Git, ref: string | undefined): Promise<{ start: string, skip: number } | undefined> {
  try {
    return { start: await resolveCommit(git, ref ?? 'HEAD'), skip: 0 }
  } catch (error) {
    // Before the first commit.
    if (ref === undefined && error instanceof errors.REF_NOT_FOUND) return undefined
    throw error
  }
}

function encodePosition ({ start, skip }: { start: string, skip: number }): string {
  return Buffer.from(`${start} ${skip}`).toString('base64url')
}

function decodePosition (cursor: string): { start: string, skip: number } {
  const [, start, skip] = /^([0-9a-f]{40}|[0-9a-f]{64}) (\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (start === undefined) throw invalidCursor()
  return { start, skip: Number(skip) }
}
