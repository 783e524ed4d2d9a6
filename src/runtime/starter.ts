import type { Config } from '../config.ts'
import type { DockerClient } from '../docker/index.ts'
import { missingHardening } from '../sandbox/engine-requirements.ts'
import { ensureAgentVolume } from '../sandbox/images/agent-volume.ts'
import type { Runtime } from '../sandbox/images/catalogue.ts'
import { imageReference, imageSpec } from '../sandbox/images/lookup.ts'
import { AGENT_IMAGE, type ImageSpecs } from '../sandbox/images/resolve.ts'
import { SandboxError, startSandbox, type Sandbox } from '../sandbox/sandbox.ts'

/** Starts run sandboxes of a runtime. What all of them need of the Engine is looked at once, and again after a failure. */
export function createStarter ({ docker, images, instanceId, bootId, settings }: {
  docker: DockerClient
  images: ImageSpecs
  instanceId: string
  bootId: string
  settings: Config['sandbox']
}): (runtime: Runtime, signal: AbortSignal) => Promise<Sandbox> {
  let preparing: Promise<string> | undefined

  /** The name of the agent's volume, on an Engine that can enforce every limit. */
  async function prepare (): Promise<string> {
    const missing = missingHardening(await docker.system.info())
    if (missing.length > 0) throw new SandboxError(`the Engine cannot harden a sandbox, it lacks ${missing.join(', ')}`)
    return await ensureAgentVolume(docker, imageSpec(images, AGENT_IMAGE))
  }

  return async ({ language, limits }, signal) => {
    preparing ??= prepare()
    try {
      return await startSandbox(docker, {
        image: imageReference(images, language),
        language,
        instanceId,
        bootId,
        agentVolume: await preparing,
        memoryBytes: limits.memory,
        cpus: limits.cpus,
        pids: limits.pids,
        diskBytes: settings.diskBytes,
        ociRuntime: settings.ociRuntime
      }, signal)
    } catch (error) {
      // The Engine may be another one by now, or its volumes may have been pruned.
      preparing = undefined
      throw error
    }
  }
}
