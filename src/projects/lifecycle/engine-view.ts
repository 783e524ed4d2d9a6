import type { DockerClient } from '../../docker/index.ts'
import { labels } from '../../sandbox/labels.ts'
import type { Snapshot } from './reconcile-plan.ts'

/** Everything of the instance's projects on the Engine. */
export async function viewEngine (docker: DockerClient, instanceId: string, signal?: AbortSignal): Promise<Pick<Snapshot, 'containers' | 'volumes' | 'networks'>> {
  const options = signal === undefined ? {} : { signal }
  const filters = { label: projectLabelFilter(instanceId) }
  const [containers, volumes, networks] = await Promise.all([
    docker.containers.list({ all: true, filters }, options),
    docker.volumes.list(filters, options),
    docker.networks.list(filters, options)
  ])
  return {
    containers: containers.map(({ Id, Labels, State }) => ({ id: Id, projectId: Labels[labels.project] ?? '', isRunning: State === 'running' || State === 'paused' })),
    volumes: volumes.map(({ Name, Labels }) => ({ name: Name, projectId: Labels?.[labels.project] ?? '' })),
    networks: networks.map(({ Id }) => ({ id: Id }))
  }
}

export function projectLabelFilter (instanceId: string): string[] {
  return [`${labels.instance}=${instanceId}`, `${labels.kind}=project`]
}
