import type { Config } from '../../config.ts'
import type { Disk } from '../../disk/index.ts'
import type { DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import type { HelperSpec, ProjectSandboxSpec } from '../../sandbox/container-spec.ts'
import { imageReference } from '../../sandbox/images/lookup.ts'
import { AGENT_IMAGE, type ImageSpecs } from '../../sandbox/images/resolve.ts'
import { createEnginePreparation } from '../../sandbox/preparation.ts'
import type { ProjectConnection, ProjectNetwork } from '../../sandbox/network/project-network.ts'
import type { ProjectRuntimes } from '../core/runtimes.ts'
import type { LifecycleProject } from './repo.ts'

// Pages that wait to be written count too: Engines with cgroup v1 slow a writer down only when it has reached its limit.
const HELPER_MEMORY_BYTES = 256 * 1024 ** 2
const HELPER_PIDS = 8

const LEAST_PIDS = 256
const BYTES_PER_PID = 2 * 1024 ** 2

// A full /tmp is then told apart from a lack of memory, of which it takes its part.
const TMP_SHARE = 0.75
// For what a project's programs open themselves.
const OTHER_TERMINALS = 48

/** What projects' containers are to be, with what all of them need of the Engine made once and remembered. */
export function createSandboxSpecs ({ docker, network, enforcement, runtimes, images, instanceId, bootId, config: { sandbox, projects, terminals } }: {
  docker: DockerClient
  network: Pick<ProjectNetwork, 'ensure'>
  enforcement: Disk['enforcement']
  runtimes: Pick<ProjectRuntimes, 'find'>
  images: ImageSpecs
  instanceId: string
  /** Of this server process, which alone can talk to the helper containers that it makes. */
  bootId: string
  config: Config
}) {
  const preparation = createEnginePreparation(docker, images, sandbox.ociRuntime)
  let connection: Promise<ProjectConnection> | undefined

  async function volumeBytes (): Promise<number | undefined> {
    return await enforcement() === 'quota' ? projects.sizeBytes : undefined
  }

  return {
    specOf: async ({ id, userId, uid, runtime, leaseNumber, network: choice, memoryBytes: chosenBytes, cpus }: LifecycleProject): Promise<ProjectSandboxSpec> => {
      const memoryBytes = chosenBytes ?? projects.memoryBytes
      const definition = runtimes.find(runtime)
      if (definition === undefined) throw new errors.RUNTIME_NOT_OFFERED(runtime)
      const image = await definition.image()
      if (choice === 'internet') connection ??= network.ensure()
      // Together: if one fails while nobody looks at the other yet, its failure would end the process.
      const [engine, connected] = await Promise.all([preparation.prepare(), choice === 'internet' ? connection : undefined])
      return {
        image,
        language: definition.name,
        uid,
        instanceId,
        bootId,
        projectId: id,
        owner: userId,
        leaseNumber,
        ...engine,
        network: connected?.network,
        isPreviewPortPublished: connected?.isPublishable ?? false,
        previewPort: sandbox.previewPort,
        env: definition.env(memoryBytes),
        memoryBytes,
        cpus: cpus ?? projects.cpus,
        pids: Math.max(LEAST_PIDS, Math.floor(memoryBytes / BYTES_PER_PID)),
        tmpBytes: Math.floor(memoryBytes * TMP_SHARE),
        terminals: terminals.perProject + OTHER_TERMINALS,
        fileBytes: projects.fileBytes,
        volumeBytes: await volumeBytes(),
        ociRuntime: sandbox.ociRuntime
      }
    },
    helperSpecOf: async ({ projectId, owner, uid }: { projectId: string, owner: string, uid: number }): Promise<HelperSpec> => {
      return {
        image: imageReference(images, AGENT_IMAGE),
        uid,
        ...await preparation.prepare(),
        instanceId,
        bootId,
        projectId,
        owner,
        memoryBytes: HELPER_MEMORY_BYTES,
        cpus: projects.cpus,
        pids: HELPER_PIDS,
        fileBytes: projects.fileBytes,
        volumeBytes: await volumeBytes(),
        ociRuntime: sandbox.ociRuntime
      }
    },
    forgetNetwork: () => {
      connection = undefined
    },
    forgetEngine: () => {
      connection = undefined
      preparation.forget()
    }
  }
}
export type SandboxSpecs = ReturnType<typeof createSandboxSpecs>
