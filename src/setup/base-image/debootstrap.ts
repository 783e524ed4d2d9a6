import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { CommandError, type RunCommand } from '../command.ts'
import { addUpdates } from './apt-sources.ts'
import { slim } from './slim.ts'

// Not /tmp, which may be small, or mounted without the device files that debootstrap makes.
const TEMPORARY_ROOT = '/var/tmp'

export interface DebootstrapOptions {
  readonly suite: string
  readonly env: NodeJS.ProcessEnv
  readonly run: RunCommand
  readonly report: (line: string) => void
  readonly signal?: AbortSignal
}

/** Makes a minimal Debian and hands its tar to `use`. The files are gone afterwards, whatever happened. */
export async function withDebian<T> ({ suite, env, run, report, signal }: DebootstrapOptions, use: (tar: Readable) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(TEMPORARY_ROOT, 'berth-debian-'))
  const root = join(directory, 'root')
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }, onLine: report, signal }
  try {
    // In a mount namespace of their own, what debootstrap mounts in there is gone when it is killed, before the files are.
    await run('unshare', ['--mount', 'debootstrap', '--variant=minbase', suite, root], options)
    await addUpdates(root, suite, async (command) => await run('unshare', ['--mount', 'chroot', root, ...command], options))
    await slim(root)
    return await use(packRoot(root, signal))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function packRoot (root: string, signal: AbortSignal | undefined): Readable {
  const child = spawn('tar', ['--create', '--numeric-owner', '--one-file-system', '--directory', root, '.'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(signal === undefined ? {} : { signal })
  })
  const tar = child.stdout
  // The pipe's end looks the same when tar has failed half way.
  child.on('error', (error) => tar.destroy(error))
  child.on('exit', (code) => {
    if (code !== 0) tar.destroy(new CommandError(`tar: exit code ${code}`))
  })
  return tar
}
