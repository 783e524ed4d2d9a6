import type { Config } from '../../config.ts'
import type { DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import type { ProjectSandboxSpec } from '../../sandbox/container-spec.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import { imageReference } from '../../sandbox/images/lookup.ts'
import type { ImageSpecs } from '../../sandbox/images/resolve.ts'
import { createEnginePreparation } from '../../sandbox/preparation.ts'
import { ensureProjectNetwork } from '../../sandbox/project-network.ts'
import type { LifecycleProject } from './repo.ts'

/** What projects' containers are to be, with what all of them need of the Engine made once and remembered. */
export function createSandboxSpecs ({ docker, catalogue, images, instanceId, config: { sandbox, projects } }: {
  docker: DockerClient
  catalogue: Catalogue
  images: ImageSpecs
  instanceId: string
  config: Config
}) {
  const preparation = createEnginePreparation(docker, images)
  let network: Promise<string> | undefined

  return {
    specOf: async ({ id, userId, runtime }: LifecycleProject): Promise<ProjectSandboxSpec> => {
      const definition = catalogue.find(runtime)
      if (definition === undefined) throw new errors.LANGUAGE_NOT_READY(runtime)
      if (sandbox.networkMode === 'bridge') network ??= ensureProjectNetwork(docker, instanceId)
      // Together: if one fails while nobody looks at the other yet, its failure would end the process.
      const [agentVolume, networkName] = await Promise.all([preparation.agentVolume(), network])
      return {
        image: imageReference(images, definition.language),
        language: definition.language,
        instanceId,
        projectId: id,
        owner: userId,
        agentVolume,
        network: networkName,
        previewPort: sandbox.previewPort,
        env: definition.env,
        memoryBytes: projects.memoryBytes,
        cpus: projects.cpus,
        pids: projects.pids,
        tmpBytes: sandbox.diskBytes,
        fileBytes: projects.fileBytes,
        ociRuntime: sandbox.ociRuntime
      }
    },
    forgetNetwork: () => {
      network = undefined
    },
    forgetEngine: () => {
      network = undefined
      preparation.forget()
    }
  }
}
