import { errors } from '../../../errors.ts'
import { identityEnvironment, type Identity } from './changes.ts'
import type { Git, GitOptions } from './git.ts'
import { parsePush, type PushedRef } from './parse/push.ts'
import { records } from './parse/records.ts'
import { addressOf } from './remotes.ts'
import { resolveCommit } from './reading.ts'

export type PullStrategy = 'ff-only' | 'merge' | 'rebase'

/** How a command that goes to a remote is run. */
export interface Access {
  readonly timeoutMs: number
  /** What it needs for the host of that address, if anything is kept for it. */
  readonly credentialFor: (address: string) => Promise<Pick<GitOptions, 'env' | 'configuration'>>
}

interface Target {
  readonly remote?: string | undefined
  readonly branch?: string | undefined
}

/** What the branch that is checked out follows. */
interface Following {
  /** Null when a commit is checked out rather than a branch. */
  readonly current: string | null
  readonly remote: string | undefined
  readonly branch: string | undefined
}

const FOLLOWING = '--format=%(upstream:remotename)%00%(upstream:remoteref)%00'

async function findFollowing (git: Git): Promise<Following> {
  const { output, exitCode } = await git.run(['symbolic-ref', '--quiet', '--short', 'HEAD'], { exits: [0, 1] })
  if (exitCode !== 0) return { current: null, remote: undefined, branch: undefined }
  const current = output.toString().trimEnd()
  const [remote, ref] = await git.read(['for-each-ref', '--count=1', FOLLOWING, `refs/heads/${current}`], (output) => [...records(output)].map(String))
  return { current, remote: remote === '' ? undefined : remote, branch: ref?.startsWith('refs/heads/') === true ? ref.slice('refs/heads/'.length) : undefined }
}

async function runWith (git: Git, access: Access, remote: string, isPush: boolean, args: readonly string[]): Promise<Buffer> {
  const credential = await access.credentialFor(await addressOf(git, remote, { isPush }))
  return (await git.run(args, { ...credential, timeoutMs: access.timeoutMs })).output
}

export async function fetchRemote (git: Git, access: Access, { remote, prune = false }: { remote?: string | undefined, prune?: boolean | undefined }): Promise<void> {
  const from = remote ?? (await findFollowing(git)).remote ?? 'origin'
  await runWith(git, access, from, false, ['fetch', '--quiet', ...(prune ? ['--prune'] : []), '--', from])
}

/**
 * Fetches with what the remote wants to see, and then merges without it: hooks, filters and merge programs of the
 * repository have no part in the first step.
 */
export async function pull (git: Git, access: Access, { remote, branch, strategy = 'ff-only' }: Target & { strategy?: PullStrategy | undefined }, identity: Identity | undefined): Promise<{ before: string | null, commit: string }> {
  const following = await findFollowing(git)
  const from = remote ?? following.remote ?? 'origin'
  const name = branch ?? (remote === undefined ? following.branch : undefined) ?? following.current
  if (name === null) throw new errors.GIT_FAILED('No branch is checked out, so that none can follow another. Say "branch"')
  const before = await resolveCommit(git, 'HEAD').catch(nullIfNone)
  await runWith(git, access, from, false, ['fetch', '--quiet', '--', from, `refs/heads/${name}`])
  const command = strategy === 'rebase' ? ['rebase', '--quiet'] : ['merge', '--quiet', '--no-edit', ...(strategy === 'ff-only' ? ['--ff-only'] : [])]
  await git.run([...command, 'FETCH_HEAD'], { timeoutMs: access.timeoutMs, env: identityEnvironment(identity) })
  return { before, commit: await resolveCommit(git, 'HEAD') }
}

function nullIfNone (error: unknown): null {
  if (error instanceof errors.REF_NOT_FOUND) return null
  throw error
}

export async function push (git: Git, access: Access, { remote, branch, setUpstream = false, force = false }: Target & { setUpstream?: boolean | undefined, force?: boolean | undefined }): Promise<{ remote: string, refs: PushedRef[] }> {
  const following = await findFollowing(git)
  const to = remote ?? following.remote ?? 'origin'
  const name = branch ?? following.current
  if (name === null) throw new errors.GIT_FAILED('No branch is checked out. Say "branch"')
  // Only over what was fetched: what came to the remote since is not lost.
  const options = [...(setUpstream ? ['--set-upstream'] : []), ...(force ? ['--force-with-lease'] : [])]
  const output = await runWith(git, access, to, true, ['push', '--porcelain', ...options, '--', to, `refs/heads/${name}:refs/heads/${name}`])
  return { remote: to, refs: parsePush(output) }
}

/** Takes a merge or a rebase back that has stopped at a conflict. */
export async function abortMerge (git: Git): Promise<void> {
  const { exitCode } = await git.run(['rev-parse', '--verify', '--quiet', 'MERGE_HEAD'], { exits: [0, 1] })
  await git.run(exitCode === 0 ? ['merge', '--abort'] : ['rebase', '--abort'])
}
