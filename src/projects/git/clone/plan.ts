import { isCommit } from '../../core/source/ref.ts'
import type { Repository } from '../../core/source/source.ts'

export type Command = readonly ['git', ...string[]]

/** Laid over the container's own environment. */
export const GIT_ENVIRONMENT = {
  // Nobody is there to answer.
  GIT_TERMINAL_PROMPT: '0',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new',
  // Also for where a server redirects to. ext:: runs commands and file:// reads what the repository's author likes.
  GIT_ALLOW_PROTOCOL: 'https:http:git:ssh',
  // Nothing that is configured elsewhere, such as filters and hooks, has a part in it.
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  // What it prints is read.
  LC_ALL: 'C'
} as const

/** The commands, one after another, that get the newest state of a repository into a directory that is not there yet. */
export function planClone ({ url, ref }: Repository, directory: string): Command[] {
  if (ref !== null && isCommit(ref)) return planCommit(url, ref, directory)
  const branch = ref === null ? [] : ['--branch', ref]
  return [['git', 'clone', '--depth', '1', '--progress', '--template=', '--no-recurse-submodules', ...branch, '--', url, directory]]
}

// `clone --revision` is for later versions of git.
function planCommit (url: string, commit: string, directory: string): Command[] {
  const git = ['git', '-C', directory] as const
  return [
    ['git', 'init', '--quiet', '--initial-branch', 'main', '--template=', '--', directory],
    [...git, 'remote', 'add', '--', 'origin', url],
    [...git, 'fetch', '--depth', '1', '--progress', '--no-tags', '--no-recurse-submodules', '--', 'origin', commit],
    [...git, '-c', 'advice.detachedHead=false', 'checkout', '--progress', '--detach', 'FETCH_HEAD', '--']
  ]
}
