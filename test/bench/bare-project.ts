import { randomUUID } from 'node:crypto'
import type { DockerClient } from '../../src/docker/index.ts'
import { projectSandboxBody, projectVolumeName, type ProjectSandboxSpec } from '../../src/sandbox/container-spec.ts'
import { makeNetwork } from '../../src/sandbox/network/bridge.ts'
import { pythonSpec } from './python-spec.ts'

/** The yardstick: the same container, network and volume, by the Engine's own calls. */
export async function createBare (docker: DockerClient) {
  const instanceId = randomUUID()
  const { diskBytes, ...python } = await pythonSpec(docker, instanceId)
  const { Id: networkId, Name: network } = await makeNetwork(docker, instanceId)
  const projectIds = new Set<string>()
  const specOf = (projectId: string): ProjectSandboxSpec => ({
    ...python, projectId, owner: instanceId, leaseNumber: 1, network, previewPort: 3000, isPreviewPortPublished: true, env: {}, memoryBytes: 512 * 2 ** 20, pids: 256, tmpBytes: diskBytes, terminals: 64, fileBytes: 2 ** 30
  })
  return {
    async createAndStart (projectId: string): Promise<string> {
      projectIds.add(projectId)
      const { Id } = await docker.containers.create(projectSandboxBody(specOf(projectId)))
      await docker.containers.start(Id)
      return Id
    },
    remove: async (id: string) => { await docker.containers.remove(id, { force: true, volumes: true }) },
    async close (): Promise<void> {
      for (const projectId of projectIds) await docker.volumes.remove(projectVolumeName(projectId))
      await docker.networks.remove(networkId)
    }
  }
}
