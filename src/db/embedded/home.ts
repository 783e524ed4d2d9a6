import { chown, mkdir, mkdtemp, readlink, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { ensurePrivateDirectory } from '../../lib/private-files.ts'
import { ensureAccount } from './account.ts'
import type { Account } from './command.ts'

const SYSTEM_DIRECTORY = '/var/lib/berth'

export interface Home {
  /** Where the server's data and password are, mode 0700. */
  readonly directory: string
  /** Where its programs are copied to, so that its account can read them. */
  readonly programs: string
  /** Whom it runs as, if not as ourselves. */
  readonly account: Account | undefined
}

/**
 * The server's directory is `<dataDir>/postgres`. Started by root, that is a link into /var/lib/berth: postgres refuses
 * to be root, and no other account can reach a directory below our own 0700 one, or below /root. Moved with the data
 * directory, the link still leads there.
 */
export async function ensureHome (dataDir: string): Promise<Home> {
  const place = path.resolve(dataDir, 'postgres')
  // The owner of /proc/self is who we are, also without an entry in the user database.
  const isRoot = (await stat('/proc/self')).uid === 0
  if (!isRoot) {
    await ensurePrivateDirectory(place)
    return { directory: place, programs: place, account: undefined }
  }
  await mkdir(SYSTEM_DIRECTORY, { recursive: true, mode: 0o755 })
  const directory = await readlink(place).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EINVAL') return place
    if (error.code !== 'ENOENT') throw error
    return await makeSystemHome(place)
  })
  const { uid, gid } = await stat(directory)
  // A directory that an ordinary user has made stays that user's.
  return { directory, programs: SYSTEM_DIRECTORY, account: { uid, gid } }
}

async function makeSystemHome (place: string): Promise<string> {
  const { uid, gid } = await ensureAccount()
  const directory = await mkdtemp(path.join(SYSTEM_DIRECTORY, 'postgres-'))
  await chown(directory, uid, gid)
  await symlink(directory, place)
  return directory
}
