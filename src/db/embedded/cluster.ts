import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { access, chown, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { loadOrCreatePrivateFile } from '../../lib/private-files.ts'
import { spawnProgram } from './command.ts'
import { EmbeddedDatabaseError } from './errors.ts'
import type { Home } from './home.ts'

export const SUPERUSER = 'berth'

export interface Cluster {
  readonly dataDirectory: string
  readonly password: string
}

/** The data directory, made by initdb the first time, and the password of its one user. */
export async function ensureCluster ({ directory, account }: Home, initdb: string): Promise<Cluster> {
  const dataDirectory = path.join(directory, 'data')
  const passwordFile = path.join(directory, 'password')
  const password = await loadOrCreatePrivateFile(passwordFile, () => randomBytes(24).toString('base64url'))
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid)

  const isThere = await access(dataDirectory).then(() => true, () => false)
  if (isThere) return { dataDirectory, password }

  // Under another name until it is complete: initdb may be killed in the middle.
  const unfinished = `${dataDirectory}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const child = spawnProgram(initdb, [
    '--pgdata', unfinished, '--username', SUPERUSER, '--pwfile', passwordFile,
    '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--data-checksums'
  ], { account, cwd: directory })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const [complaints, [code]] = await Promise.all([child.stderr === null ? '' : text(child.stderr), exited])
  if (code !== 0) throw new EmbeddedDatabaseError(`the embedded database could not be made: ${complaints.trim()}`)
  await rename(unfinished, dataDirectory)
  return { dataDirectory, password }
}
