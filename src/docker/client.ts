import { createContainers } from './containers/index.ts'
import { defaultHost, parseHost, type TlsOptions } from './endpoint.ts'
import { createEvents } from './events.ts'
import { createExec } from './exec.ts'
import { createImages } from './images.ts'
import { createNetworks } from './networks.ts'
import { createSystem } from './system.ts'
import { createTransport } from './transport.ts'
import { createVolumes } from './volumes.ts'

export interface DockerClientOptions {
  /** In the form of DOCKER_HOST; default `unix:///var/run/docker.sock`. */
  host?: string
  tls?: TlsOptions
  /**
   * Most connections at once. Ordinary calls and streams are apart, so that a hundred followers of logs cannot starve
   * `start`. Attach and exec have a connection of their own each and do not count.
   */
  connections?: { calls?: number, streams?: number }
}

export type DockerClient = ReturnType<typeof createDockerClient>

/** Connects lazily, and again after the Engine restarted or was replaced. Throws for a host that it cannot use. */
export function createDockerClient ({ host = defaultHost, tls, connections = {} }: DockerClientOptions = {}) {
  const transport = createTransport({
    endpoint: parseHost(host, tls),
    connections: { calls: connections.calls ?? 32, streams: connections.streams ?? 1024 }
  })
  return {
    system: createSystem(transport),
    containers: createContainers(transport),
    exec: createExec(transport),
    images: createImages(transport),
    volumes: createVolumes(transport),
    networks: createNetworks(transport),
    events: createEvents(transport),
    /** The API version that is spoken from now on. Called by itself when need be; useful to check the Engine at start. */
    negotiate: transport.negotiate,
    /** Ends every call and stream. Hijacked connections belong to whoever opened them. */
    close: transport.close
  }
}
