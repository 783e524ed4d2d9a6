import { isDockerError, type CallOptions, type DockerClient } from '../../docker/index.ts'
import { bridgeOf, findNetwork, makeNetwork, projectNetworkName } from './bridge.ts'
import { describeEgress, type Egress } from '../../lib/egress.ts'
import { readNameservers } from './nameservers.ts'
import { NetfilterError, type Netfilter } from './netfilter.ts'
import { renderRules } from './rules.ts'

/** How a project's container is connected. */
export interface ProjectConnection {
  /** Undefined is none but loopback. */
  readonly network: string | undefined
  /** Whether a port can be published that nobody reaches but over the host's loopback. */
  readonly isPublishable: boolean
}

export interface NetworkReport {
  readonly egress: 'internet' | 'none' | 'list' | 'unfiltered'
  /** Where its rules are set; null when there are none. */
  readonly enforcedBy: string | null
  readonly previewPortPublished: boolean
  /** What is not as it was asked for, and what to do about it. */
  readonly problem: string | null
}

export interface ProjectNetwork {
  /** Makes the network with its rules, if there is to be one. */
  readonly ensure: (options?: CallOptions) => Promise<ProjectConnection>
  /**
   * Sets the rules of an existing network anew: whoever else sets rules on the host may have flushed ours. False when they
   * cannot be set any more, and what \`ensure\` said does not hold.
   */
  readonly reassert: (options?: CallOptions) => Promise<boolean>
  /** False while a running container is connected to it. */
  readonly remove: (id: string, options?: CallOptions) => Promise<boolean>
  readonly report: () => Promise<NetworkReport>
}

const NO_CONNECTION: ProjectConnection = { network: undefined, isPublishable: false }
/** From here on the Engine drops by itself what is sent to a container's address past its published ports. */
const FILTERING_ENGINE = 28
const BERTH_TABLE = /^berth_[0-9a-f]{12}_(\S+)$/

export function createProjectNetwork ({ docker, instanceId, mode, egress, netfilters, log }: {
  docker: DockerClient
  instanceId: string
  mode: 'bridge' | 'none'
  egress: Egress
  /** In the order in which they are tried. */
  netfilters: readonly Netfilter[]
  log: { readonly warn: (fields: object, message: string) => void }
}): ProjectNetwork {
  const name = projectNetworkName(instanceId)
  const prefix = `berth_${instanceId.replaceAll('-', '').slice(0, 12)}_`
  const isWanted = mode === 'bridge' && egress.kind !== 'none'
  /** Of the network as it was made last. */
  let guard: { readonly bridge: string, readonly netfilter: Netfilter | undefined, readonly problem: string } | undefined

  /** Sets the rules wherever they can be set. */
  async function protect (bridge: string): Promise<Netfilter | undefined> {
    const problems: string[] = []
    for (const netfilter of netfilters) {
      const problem = await tryProtect(netfilter, bridge)
      if (problem === undefined) {
        guard = { bridge, netfilter, problem: '' }
        return netfilter
      }
      problems.push(problem)
    }
    guard = { bridge, netfilter: undefined, problem: problems.join('; ') }
    return undefined
  }

  async function tryProtect (netfilter: Netfilter, bridge: string): Promise<string | undefined> {
    const problem = await netfilter.problem()
    if (problem !== undefined) return problem
    if (!await netfilter.has(bridge)) return `the Engine's networks are not seen by ${netfilter.name}`
    try {
      const nameservers = readNameservers(await netfilter.resolvConf())
      await netfilter.apply(renderRules({ table: prefix + bridge, bridge, egress, nameservers }))
      await removeStale(netfilter)
      return undefined
    } catch (error) {
      if (error instanceof NetfilterError) return error.message
      throw error
    }
  }

  /** Of networks that are gone, whoever made them: no interface's name comes a second time. */
  async function removeStale (netfilter: Netfilter): Promise<void> {
    for (const table of await netfilter.tables()) {
      const bridge = BERTH_TABLE.exec(table)?.[1]
      if (bridge !== undefined && !await netfilter.has(bridge)) await netfilter.apply(deletion(table))
    }
  }

  async function isFilteringEngine (): Promise<boolean> {
    try {
      const { Version } = await docker.system.version()
      return Number.parseInt(Version, 10) >= FILTERING_ENGINE
    } catch (error) {
      // Rather not published than reached by everybody.
      if (isDockerError(error)) return false
      throw error
    }
  }

  async function remove (id: string, options?: CallOptions): Promise<boolean> {
    const network = await docker.networks.inspect(id, options).catch((error: unknown) => {
      if (!isDockerError(error, 'not_found')) throw error
      return undefined
    })
    try {
      await docker.networks.remove(id, options)
    } catch (error) {
      if (isDockerError(error, 'forbidden')) return false
      throw error
    }
    if (network === undefined) return true
    const table = prefix + bridgeOf(network)
    for (const netfilter of netfilters) {
      if (await netfilter.problem() !== undefined) continue
      try {
        if ((await netfilter.tables()).includes(table)) await netfilter.apply(deletion(table))
      } catch (err) {
        // Rules for an interface that is gone do nothing; the next network's take them away.
        log.warn({ err, table }, 'the rules of a removed network stay for now')
      }
    }
    return true
  }

  return {
    async ensure (options) {
      if (!isWanted) return NO_CONNECTION
      const found = await findNetwork(docker, instanceId, options)
      const network = found ?? await makeNetwork(docker, instanceId, options)
      const netfilter = await protect(bridgeOf(network))
      if (netfilter !== undefined) return { network: name, isPublishable: true }
      if (egress.kind === 'unfiltered') return { network: name, isPublishable: await isFilteringEngine() }
      if (found === undefined) await remove(network.Id, options)
      return NO_CONNECTION
    },

    async reassert (options) {
      const network = isWanted ? await findNetwork(docker, instanceId, options) : undefined
      if (network === undefined) return true
      const wasProtected = guard?.netfilter !== undefined
      if (await protect(bridgeOf(network)) !== undefined) return true
      if (wasProtected) log.warn({ problem: guard?.problem }, 'the rules of the network of projects cannot be set any more')
      return !wasProtected
    },

    remove,

    async report () {
      const asked = mode === 'none' ? 'none' : describeEgress(egress)
      if (!isWanted) return { egress: asked, enforcedBy: null, previewPortPublished: false, problem: null }
      const netfilter = guard === undefined ? await firstUsable(netfilters) : guard.netfilter
      if (netfilter !== undefined) return { egress: asked, enforcedBy: netfilter.name, previewPortPublished: true, problem: null }
      const why = guard?.problem ?? (await Promise.all(netfilters.map(async ({ problem }) => await problem()))).join('; ')
      if (egress.kind === 'unfiltered') {
        const previewPortPublished = await isFilteringEngine()
        return {
          egress: 'unfiltered',
          enforcedBy: null,
          previewPortPublished,
          problem: previewPortPublished
            ? null
            : `The preview port is not published: this Engine would serve it to the whole network, and no rule against that can be set (${why}). Previews work all the same`
        }
      }
      return {
        egress: 'none',
        enforcedBy: null,
        previewPortPublished: false,
        problem: `Projects have no network: what they may reach (SANDBOX_EGRESS) cannot be enforced here (${why}). Run Berth as root beside the Engine with nftables installed, or set SANDBOX_EGRESS=unfiltered to let projects reach this host and its networks`
      }
    }
  }
}

async function firstUsable (netfilters: readonly Netfilter[]): Promise<Netfilter | undefined> {
  for (const netfilter of netfilters) if (await netfilter.problem() === undefined) return netfilter
  return undefined
}

/** No error when another server has been quicker. */
function deletion (table: string): string {
  return `table inet ${table}\ndelete table inet ${table}\n`
}
