import type { Config } from '../config.ts'
import type { DockerClient } from '../docker/index.ts'
import type { Runtime } from '../sandbox/images/catalogue.ts'
import { imageReference } from '../sandbox/images/lookup.ts'
import type { ImageSpecs } from '../sandbox/images/resolve.ts'
import { createEnginePreparation } from '../sandbox/preparation.ts'
import { pickRunUid } from '../sandbox/run-uid.ts'
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts'

/** Starts run sandboxes of a runtime. What all of them need of the Engine is looked at once, and again after a failure. */
export function createStarter ({ docker, images, instanceId, bootId, settings, memoryMaxBytes }: {
  docker: DockerClient
  images: ImageSpecs
  instanceId: string
  bootId: string
  settings: Config['sandbox']
  /** The most that a program or its compiler may ever have. */
  memoryMaxBytes: number
}): (runtime: Runtime, signal: AbortSignal) => Promise<Sandbox> {
  const preparation = createEnginePreparation(docker, images, settings.ociRuntime)

  return async ({ language, limits }, signal) => {
    try {
      return await startSandbox(docker, {
        image: imageReference(images, language),
        language,
        uid: pickRunUid(),
        instanceId,
        bootId,
        ...await preparation.prepare(),
        memoryBytes: limits.memory,
        memoryMaxBytes,
        cpus: limits.cpus,
        pids: limits.pids,
        diskBytes: settings.diskBytes,
        ociRuntime: settings.ociRuntime
      }, signal)
    } catch (error) {
      preparation.forget()
      throw error
    }
  }
}
