import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Account } from './command.ts'
import { EmbeddedDatabaseError } from './errors.ts'

const run = promisify(execFile)

const ACCOUNT = 'berth'

/** The system user that the server runs as when we are root, which postgres refuses to be. Made when it is missing. */
export async function ensureAccount (): Promise<Account> {
  const existing = await findAccount()
  if (existing !== undefined) return existing
  const failure = await run('useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', ACCOUNT])
    .then(() => undefined, (error: Error) => error)
  // Another Berth may have made it meanwhile.
  const made = await findAccount()
  if (made === undefined) throw new EmbeddedDatabaseError(`the system user ${ACCOUNT} could not be made: ${failure?.message ?? 'useradd said nothing'}. Make it, or set DATABASE_URL`)
  return made
}

async function findAccount (): Promise<Account | undefined> {
  const { stdout } = await run('getent', ['passwd', ACCOUNT]).catch(() => ({ stdout: '' }))
  const [, , uid, gid] = stdout.split(':')
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
