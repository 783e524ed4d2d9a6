import type { CallOptions, DockerClient } from '../../../docker/index.ts'
import { labels } from '../../../sandbox/labels.ts'

export interface Marker {
  readonly name: string
  readonly token: string
}

/** Empty volumes, one or two of an instance, that hold its token as a label: labels cannot be changed, so a new token is a new volume. */
export function createMarkers (docker: DockerClient, instanceId: string) {
  const filter = { label: [`${labels.instance}=${instanceId}`, `${labels.kind}=marker`] }

  return {
    list: async (options?: CallOptions): Promise<Marker[]> => {
      const volumes = await docker.volumes.list(filter, options)
      return volumes.map(({ Name, Labels }) => ({ name: Name, token: Labels?.[labels.token] ?? '' }))
    },
    create: async (token: string, options?: CallOptions): Promise<void> => {
      await docker.volumes.create({
        Name: `berth-marker-${token}`,
        Labels: { [labels.instance]: instanceId, [labels.kind]: 'marker', [labels.token]: token }
      }, options)
    },
    remove: async (name: string, options?: CallOptions): Promise<void> => {
      await docker.volumes.remove(name, {}, options)
    }
  }
}
