import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the set-up must know of the machine that it runs on. */
export interface Host {
  readonly isRoot: boolean
  /** Debian or something made from it, where apt-get installs what is missing. */
  readonly isDebian: boolean
  readonly hasSystemd: boolean
}

export async function readHost (uid: number | undefined): Promise<Host> {
  const release = await readIfThere('/etc/os-release')
  return {
    isRoot: uid === 0,
    isDebian: isDebianFamily(release),
    hasSystemd: await exists('/run/systemd/system')
  }
}

/** By ID and ID_LIKE of /etc/os-release. */
export function isDebianFamily (osRelease: string): boolean {
  return /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(osRelease)
}

/** Root's PATH often lacks the sbin directories when it comes from su or a service. */
export async function findProgram (name: string, searchPath = ''): Promise<string | undefined> {
  for (const directory of [...searchPath.split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin']) {
    const file = join(directory, name)
    if (directory !== '' && await exists(file, constants.X_OK)) return file
  }
  return undefined
}

export async function readIfThere (file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

async function exists (file: string, mode: number = constants.F_OK): Promise<boolean> {
  return await access(file, mode).then(() => true, () => false)
}
