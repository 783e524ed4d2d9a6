import { randomBytes } from 'node:crypto'
import { isDockerError, type CallOptions, type DockerClient, type Network } from '../../docker/index.ts'
import { labels } from '../labels.ts'

const BRIDGE_NAME = 'com.docker.network.bridge.name'

/** One for all projects of an instance: an Engine has addresses for some thirty networks only. */
export function projectNetworkName (instanceId: string): string {
  return `berth-${instanceId}`
}

export async function findNetwork (docker: DockerClient, instanceId: string, options?: CallOptions): Promise<Network | undefined> {
  try {
    return await docker.networks.inspect(projectNetworkName(instanceId), options)
  } catch (error) {
    if (!isDockerError(error, 'not_found')) throw error
    return undefined
  }
}

export async function makeNetwork (docker: DockerClient, instanceId: string, options?: CallOptions): Promise<Network> {
  const name = projectNetworkName(instanceId)
  try {
    await docker.networks.create({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      EnableIPv6: false,
      Options: {
        // Nothing passes from one project's container to another's.
        'com.docker.network.bridge.enable_icc': 'false',
        // New each time: the rules of a network that has gone are never those of its successor. 15 letters are the most.
        [BRIDGE_NAME]: `berth${randomBytes(5).toString('hex')}`
      },
      Labels: { [labels.instance]: instanceId, [labels.kind]: 'project' }
    }, options)
  } catch (error) {
    // Somebody else was quicker.
    if (!isDockerError(error, 'conflict')) throw error
  }
  return await docker.networks.inspect(name, options)
}

/** The network's interface on the Engine's host, which the Engine names by itself where nobody else has. */
export function bridgeOf ({ Id, Options }: Pick<Network, 'Id' | 'Options'>): string {
  return Options[BRIDGE_NAME] ?? `br-${Id.slice(0, 12)}`
}
