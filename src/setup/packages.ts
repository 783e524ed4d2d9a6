import type { Host } from './host.ts'
import type { RunCommand } from './command.ts'

/** Something that the operator has to do; the message says what. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

export interface Packages {
  /** Installs Debian packages that are missing. Throws SetupError where that is not ours to do. */
  readonly install: (names: readonly string[], purpose: string) => Promise<void>
}

export function createPackages ({ host, env, run, onLine, signal }: {
  host: Host
  env: NodeJS.ProcessEnv
  run: RunCommand
  onLine: (line: string) => void
  signal?: AbortSignal
}): Packages {
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }, onLine, signal }
  const noninteractive = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']
  return {
    async install (names, purpose) {
      if (!host.isDebian) throw new SetupError(`${purpose}: install what Debian calls ${names.join(', ')}`)
      if (!host.isRoot) throw new SetupError(`${purpose}: run as root, or: sudo apt-get install ${names.join(' ')}`)
      await run('apt-get', ['update'], options)
      await run('apt-get', ['install', ...noninteractive, ...names], options)
    }
  }
}

/** What the tests run on the host: they compile the agent, and make certificates. */
const TEST_PROGRAMS = ['cc', 'make', 'openssl']
const TEST_PACKAGES = ['gcc', 'libc6-dev', 'make', 'openssl']

export async function ensureTestPackages (packages: Packages, hasProgram: (name: string) => Promise<boolean>): Promise<void> {
  for (const name of TEST_PROGRAMS) {
    if (!await hasProgram(name)) return await packages.install(TEST_PACKAGES, `The tests need ${name}`)
  }
}
