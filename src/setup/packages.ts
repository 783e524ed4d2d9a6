import type { Host } from './host.ts'
import type { RunCommand } from './command.ts'

/** Something that the operator has to do; the message says what. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

const INSTALL_DEADLINE_MS = 15 * 60_000

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
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  const noninteractive = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']
  return {
    async install (names, purpose) {
      if (!host.isDebian) throw new SetupError(`${purpose}: install what Debian calls ${names.join(', ')}`)
      if (!host.isRoot) throw new SetupError(`${purpose}: run as root, or: sudo apt-get install ${names.join(' ')}`)
      const deadline = AbortSignal.timeout(INSTALL_DEADLINE_MS)
      const options = { env: aptEnv, onLine, signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) }
      try {
        await run('apt-get', ['update'], options)
        await run('apt-get', ['install', ...noninteractive, ...names], options)
      } catch (error) {
        if (!deadline.aborted) throw error
        throw new SetupError(`${purpose}: apt-get install ${names.join(' ')} took too long. Run it by hand, then try again`)
      }
    }
  }
}

/** Names under which the browser that the tests drive may be installed. */
export const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * What the tests run on the host: they compile the agent and have programs run by it, look at networks, serve repositories, make
 * certificates and keys, come in by SSH, count together in Redis and look at the web pages.
 */
const testTools = [
  { programs: ['cc'], packages: ['gcc', 'libc6-dev'] },
  { programs: ['make'], packages: ['make'] },
  { programs: ['python3'], packages: ['python3'] },
  { programs: ['git'], packages: ['git'] },
  { programs: ['openssl'], packages: ['openssl'] },
  { programs: ['sftp'], packages: ['openssh-client'] },
  { programs: ['nft'], packages: ['nftables'] },
  // Network namespaces stand for the machines beside this one.
  { programs: ['ip'], packages: ['iproute2'] },
  { programs: ['redis-server'], packages: ['redis-server'] },
  // Without a font there is no text, and xterm.js cannot measure it.
  { programs: BROWSERS, packages: ['chromium', 'fonts-dejavu-core'] }
]

export async function ensureTestPackages (packages: Packages, hasProgram: (name: string) => Promise<boolean>): Promise<void> {
  const missing: typeof testTools = []
  for (const tool of testTools) {
    const found = await Promise.all(tool.programs.map(hasProgram))
    if (!found.includes(true)) missing.push(tool)
  }
  if (missing.length === 0) return
  const purpose = `The tests need ${missing.map(({ programs }) => programs[0]).join(', ')}`
  await packages.install(missing.flatMap(({ packages }) => packages), purpose)
}
