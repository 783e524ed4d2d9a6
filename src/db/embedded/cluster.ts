import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access, open, rename, unlink } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { loadOrCreatePrivateFile } from '../../lib/private-files.ts'
import { spawnProgram, type Account } from './command.ts'
import { EmbeddedDatabaseError } from './errors.ts'
import type { Home } from './home.ts'

export const SUPERUSER = 'berth'
// Of a password file.
const MOST_BYTES = 4_096

export interface Cluster {
  readonly dataDirectory: string
  readonly password: string
}

/** Where they are, whether or not they are there yet. */
export function clusterPlace ({ directory }: Pick<Home, 'directory'>, dataDir: string): { dataDirectory: string, passwordFile: string } {
  return { dataDirectory: path.join(directory, 'data'), passwordFile: path.join(dataDir, 'database-password') }
}

/**
 * The data directory, made by initdb the first time, and the password of its one user. That is kept in our own directory:
 * what the server's account can change, root neither reads by name nor gives away by name, since a link may stand there.
 */
export async function ensureCluster ({ directory, account }: Home, { dataDir, initdb }: { dataDir: string, initdb: string }): Promise<Cluster> {
  const { dataDirectory, passwordFile } = clusterPlace({ directory }, dataDir)
  const handedOver = path.join(directory, 'password')
  const isThere = await access(dataDirectory).then(() => true, () => false)
  // Of a cluster that an earlier version has made.
  const former = isThere ? await readOwnFile(handedOver, account?.uid) : undefined
  const password = await loadOrCreatePrivateFile(passwordFile, () => former ?? randomBytes(24).toString('base64url'))
  if (isThere) return { dataDirectory, password }

  await handOver(handedOver, password, account)
  // Under another name until it is complete: initdb may be killed in the middle.
  const unfinished = `${dataDirectory}.unfinished`
  await runAs('rm', ['-rf', '--', unfinished], { account, cwd: directory })
  await runAs(initdb, [
    '--pgdata', unfinished, '--username', SUPERUSER, '--pwfile', handedOver,
    '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--data-checksums'
  ], { account, cwd: directory })
  await rename(unfinished, dataDirectory)
  return { dataDirectory, password }
}

async function runAs (program: string, args: readonly string[], place: Parameters<typeof spawnProgram>[2]): Promise<void> {
  const child = spawnProgram(program, args, place)
  const exited = once(child, 'exit') as Promise<[number | null]>
  const [complaints, [code]] = await Promise.all([child.stderr === null ? '' : text(child.stderr), exited])
  if (code !== 0) throw new EmbeddedDatabaseError(`the embedded database could not be made: ${complaints.trim()}`)
}

/** A new file of the account's, for initdb to read. Given away by its descriptor, never by its name. */
async function handOver (file: string, password: string, account: Account | undefined): Promise<void> {
  // Removes a link, not what it leads to; O_EXCL follows none that is put there now.
  await unlink(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(`${password}\n`)
    if (account !== undefined) await handle.chown(account.uid, account.gid)
  } finally {
    await handle.close()
  }
}

/** Undefined unless it is a file of that user's itself, not a link. */
async function readOwnFile (file: string, uid: number | undefined): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (handle === undefined) return undefined
  try {
    const info = await handle.stat()
    return info.isFile() && info.size <= MOST_BYTES && (uid === undefined || info.uid === uid) ? (await handle.readFile('utf8')).trim() : undefined
  } finally {
    await handle.close()
  }
}
