import { isDockerError, type CallOptions, type DockerClient } from '../docker/index.ts'
import { labels } from './labels.ts'

/** One for all projects of an instance: an Engine has addresses for some thirty networks only. */
export function projectNetworkName (instanceId: string): string {
  return `berth-${instanceId}`
}

/** Makes the network if there is none and returns its name. */
export async function ensureProjectNetwork (docker: DockerClient, instanceId: string, options?: CallOptions): Promise<string> {
  const name = projectNetworkName(instanceId)
  try {
    await docker.networks.inspect(name, options)
    return name
  } catch (error) {
    if (!isDockerError(error, 'not_found')) throw error
  }
  try {
    await docker.networks.create({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      // Nothing passes from one project's container to another's.
      Options: { 'com.docker.network.bridge.enable_icc': 'false' },
      Labels: { [labels.instance]: instanceId, [labels.kind]: 'project' }
    }, options)
  } catch (error) {
    // Somebody else was quicker.
    if (!isDockerError(error, 'conflict')) throw error
  }
  return name
}

/** False while a running container is connected to it. */
export async function removeProjectNetwork (docker: DockerClient, id: string, options?: CallOptions): Promise<boolean> {
  try {
    await docker.networks.remove(id, options)
    return true
  } catch (error) {
    if (isDockerError(error, 'forbidden')) return false
    throw error
  }
}
