import type { DockerClient } from '../docker/index.ts'
import { SandboxError } from './attached-sandbox.ts'
import { missingHardening } from './engine-requirements.ts'
import { ensureAgentVolume } from './images/agent-volume.ts'
import { imageSpec } from './images/lookup.ts'
import { AGENT_IMAGE, type ImageSpecs } from './images/resolve.ts'

export interface EnginePreparation {
  /** The name of the agent's volume, on an Engine that can enforce every limit. */
  readonly agentVolume: () => Promise<string>
  /** After a failed start: the Engine may be another one by now, or its volumes may have been pruned. */
  readonly forget: () => void
}

/** What every sandbox needs of the Engine, looked at once. */
export function createEnginePreparation (docker: DockerClient, images: ImageSpecs): EnginePreparation {
  let preparing: Promise<string> | undefined

  async function prepare (): Promise<string> {
    const missing = missingHardening(await docker.system.info())
    if (missing.length > 0) throw new SandboxError(`the Engine cannot harden a sandbox, it lacks ${missing.join(', ')}`)
    return await ensureAgentVolume(docker, imageSpec(images, AGENT_IMAGE))
  }

  return {
    agentVolume: async () => await (preparing ??= prepare()),
    forget () {
      preparing = undefined
    }
  }
}
