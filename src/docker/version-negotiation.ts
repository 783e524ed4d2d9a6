import { DockerError, isDockerError } from './errors.ts'
import type { CallOptions } from './options.ts'
import type { Headers } from './exchange.ts'

const oldestVersion = '1.41'
const newestVersion = '1.52'

type Ping = (method: 'HEAD' | 'GET', options: CallOptions) => Promise<{ headers: Headers }>

/** The API version to speak: the smaller of ours and the Engine's, asked for when it is first needed. */
export function createVersionNegotiation (ping: Ping) {
  let version: string | undefined

  // Concurrent first calls each ask for themselves: a ping costs 0.2 ms, and so each keeps its own deadline and signal.
  async function negotiate (options: CallOptions = {}): Promise<string> {
    const { headers } = await pingEither(options)
    const theirs = headers['api-version']
    if (typeof theirs !== 'string' || !/^\d+\.\d+$/.test(theirs)) {
      throw new DockerError({ code: 'protocol', operation: 'negotiate', message: 'what answers is not a Docker Engine: it names no API version' })
    }
    if (compareVersions(theirs, oldestVersion) < 0) {
      throw new DockerError({
        code: 'unsupported_version',
        operation: 'negotiate',
        message: `the Engine speaks API ${theirs} at most, at least ${oldestVersion} (Docker 20.10) is needed`
      })
    }
    version = compareVersions(theirs, newestVersion) < 0 ? theirs : newestVersion
    return version
  }

  async function pingEither (options: CallOptions): Promise<{ headers: Headers }> {
    try {
      return await ping('HEAD', options)
    } catch (error) {
      // Some proxies in front of an Engine allow GET only.
      if (isDockerError(error) && error.status !== undefined) return ping('GET', options)
      throw error
    }
  }

  return {
    current: () => version,
    negotiate,
    forget () {
      version = undefined
    }
  }
}

/** The Engine behind the endpoint was replaced by one that speaks other versions. The refused call had no effect. */
export function isVersionRefusal (error: unknown): boolean {
  return isDockerError(error, 'bad_request') && /client version \S+ is too (new|old)/.test(error.daemonMessage ?? '')
}

function compareVersions (a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}
