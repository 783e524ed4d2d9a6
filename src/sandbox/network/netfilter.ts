import { execFile } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { isSystemdStub } from './nameservers.ts'

/** Where packet filter rules can be set. */
export interface Netfilter {
  readonly name: string
  /** Why not; undefined if rules can be set. */
  readonly problem: () => Promise<string | undefined>
  /** Whether this is where the interface is. */
  readonly has: (bridge: string) => Promise<boolean>
  /** Runs a script of nft's, all of it or nothing. */
  readonly apply: (script: string) => Promise<void>
  readonly tables: () => Promise<string[]>
  readonly resolvConf: () => Promise<string>
}

const DEADLINE_MS = 10_000
// It is where only root's PATH leads.
const ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }

export class NetfilterError extends Error {
  override readonly name = 'NetfilterError'
}

/** Of the machine, or container, that this server runs on. */
export function createHostNetfilter (): Netfilter {
  return {
    name: 'nft on this host',
    async problem () {
      try {
        await nft(['list', 'tables'])
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    },
    has: async (bridge) => await access(`/sys/class/net/${bridge}`).then(() => true, () => false),
    apply: async (script) => { await nft(['-f', '-'], script) },
    tables: async () => parseTables(await nft(['list', 'tables', 'inet'])),
    async resolvConf () {
      const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '')
      return isSystemdStub(text) ? await readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => text) : text
    }
  }
}

function parseTables (listing: string): string[] {
  return [...listing.matchAll(/^table inet (\S+)$/gm)].map(([, name = '']) => name)
}

async function nft (args: string[], input = ''): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = execFile('nft', args, { timeout: DEADLINE_MS, env: ENVIRONMENT }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else if (error.code === 'ENOENT') reject(new NetfilterError('nft is not installed (package nftables)', { cause: error }))
      // The kernel refuses to start a program with a capability that its container may not have.
      else if (error.code === 'EPERM' || /Operation not permitted/.test(stderr)) reject(new NetfilterError('nft needs root, or in a container NET_ADMIN and the host\'s network', { cause: error }))
      else reject(new NetfilterError(`nft failed: ${stderr.trim().split('\n')[0] ?? ''}`, { cause: error }))
    })
    // A child that does not read ends with a message of its own.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
