import { errors } from '../../../errors.ts'
import { urlProblem } from '../../core/source/url.ts'
import type { Git } from './git.ts'
import { MalformedOutputError, records } from './parse/records.ts'

export interface Remote {
  readonly name: string
  readonly url: string
  /** Where pushes go, if that is somewhere else. */
  readonly pushUrl: string | null
}

const LINE_FEED = 0x0a
const MOST_REMOTES = 100

export async function listRemotes (git: Git): Promise<Remote[]> {
  // Says so where there is no repository: what is configured for all of them is listed otherwise.
  await git.run(['rev-parse', '--git-dir'])
  return await git.read(['config', '--null', '--get-regexp', '^remote\\..*\\.(push)?url$'], parseRemotes, { exits: [0, 1] })
}

/** `remote.<name>.url`, a newline and the address. The first of each is the one that counts. */
export function parseRemotes (output: Buffer): Remote[] {
  const remotes = new Map<string, { url?: string, pushUrl?: string }>()
  for (const record of records(output)) {
    if (remotes.size > MOST_REMOTES) break
    const end = record.indexOf(LINE_FEED)
    const key = record.toString('utf8', 0, end === -1 ? record.length : end)
    const [, name, kind] = /^remote\.(.*)\.(url|pushurl)$/.exec(key) ?? []
    if (name === undefined) throw new MalformedOutputError('an address of no remote')
    const url = end === -1 ? '' : withoutPassword(record.toString('utf8', end + 1))
    remotes.set(name, { ...(kind === 'url' ? { url } : { pushUrl: url }), ...remotes.get(name) })
  }
  return [...remotes].map(([name, { url, pushUrl }]) => ({ name, url: url ?? '', pushUrl: pushUrl ?? null }))
}

/** What somebody has put into the address in a terminal is theirs to read there. */
function withoutPassword (address: string): string {
  const url = URL.parse(address)
  if (url === null || url.password === '') return address
  url.password = ''
  return url.href
}

export async function addRemote (git: Git, name: string, url: string): Promise<void> {
  const problem = urlProblem(url)
  if (problem !== undefined) throw new errors.BAD_REQUEST(`The remote's address ${problem.replace(/, which would be stored.*/, ': keep them with PUT /projects/:id/git/credentials/:host')}`)
  await git.run(['remote', 'add', '--', name, url])
}

export async function removeRemote (git: Git, name: string): Promise<void> {
  await git.run(['remote', 'remove', '--', name])
}

/** Where git goes for it, as it is configured. Throws REMOTE_NOT_FOUND. */
export async function addressOf (git: Git, remote: string, { isPush }: { isPush: boolean }): Promise<string> {
  const { output } = await git.run(['remote', 'get-url', ...(isPush ? ['--push'] : []), '--', remote])
  return output.toString().split('\n', 1).join()
}
