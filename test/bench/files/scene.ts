import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { userWithKey, type User } from '../../live/projects/user.ts'
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts'
import { UNLIMITED } from '../users.ts'

/** A running project on a server of its own. */
export interface Scene {
  readonly server: ServerProcess
  readonly docker: DockerClient
  readonly user: User
  readonly projectId: string
  readonly containerId: string
}

export async function withScene (work: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await startServerProcess({ ...UNLIMITED, PROJECT_CPUS: '2', PROJECT_SIZE: '8g' })
  const docker = createDockerClient(endpointFromEnv(process.env))
  const user = userWithKey(server.origin, server.key)
  const { id } = await user.createProject()
  try {
    const { containerId } = await user.start(id)
    await work({ server, docker, user, projectId: id, containerId: containerId ?? '' })
  } finally {
    await user.remove(id)
    await docker.close()
    await server.stop()
  }
}
