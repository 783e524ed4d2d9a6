import type { DockerClient } from '../../../src/docker/index.ts'

/** What the Engine has of an instance, or of one of its projects. */
export async function engineState (docker: DockerClient, instanceId: string, projectId?: string) {
  const label = [`berth.instance=${instanceId}`, 'berth.kind=project', ...(projectId === undefined ? [] : [`berth.project=${projectId}`])]
  const [containers, volumes, networks] = await Promise.all([
    docker.containers.list({ all: true, filters: { label } }),
    docker.volumes.list({ label }),
    docker.networks.list({ label })
  ])
  return {
    containers: containers.map(({ Id }) => Id),
    running: containers.filter(({ State }) => State === 'running').length,
    volumes: volumes.map(({ Name }) => Name),
    networks: networks.map(({ Id }) => Id)
  }
}

export const nothing = { containers: [], running: 0, volumes: [], networks: [] }
