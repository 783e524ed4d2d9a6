import type { DockerClient, SystemInfo } from '../docker/index.ts'
import { SandboxError } from './attached-sandbox.ts'
import { missingHardening } from './engine-requirements.ts'
import { ensureAgentVolume } from './images/agent-volume.ts'
import { imageSpec } from './images/lookup.ts'
import { AGENT_IMAGE, type ImageSpecs } from './images/resolve.ts'

/** What all sandboxes need of an Engine that can enforce every limit. */
export interface PreparedEngine {
  readonly agentVolume: string
  /** The runtime brings a kernel of its own (gVisor), which the host's limits fall on as a whole. */
  readonly hasOwnKernel: boolean
}

export interface EnginePreparation {
  readonly prepare: () => Promise<PreparedEngine>
  /** After a failed start: the Engine may be another one by now, or its volumes may have been pruned. */
  readonly forget: () => void
}

/** What every sandbox needs of the Engine, looked at once. `ociRuntime` is the Engine's default when undefined. */
export function createEnginePreparation (docker: DockerClient, images: ImageSpecs, ociRuntime: string | undefined): EnginePreparation {
  let preparing: Promise<PreparedEngine> | undefined

  async function prepare (): Promise<PreparedEngine> {
    const info = await docker.system.info()
    const missing = missingHardening(info)
    if (missing.length > 0) throw new SandboxError(`the Engine cannot harden a sandbox, it lacks ${missing.join(', ')}`)
    const hasOwnKernel = ociRuntime !== undefined && isGvisor(ociRuntime, info)
    const agentVolume = await ensureAgentVolume(docker, imageSpec(images, AGENT_IMAGE), hasOwnKernel ? 'read' : 'execute')
    return { agentVolume, hasOwnKernel }
  }

  return {
    prepare: async () => await (preparing ??= prepare()),
    forget () {
      preparing = undefined
    }
  }
}

function isGvisor (ociRuntime: string, { Runtimes }: SystemInfo): boolean {
  const runtime = Runtimes[ociRuntime]
  if (runtime === undefined) {
    throw new SandboxError(`the Engine has no runtime "${ociRuntime}" (SANDBOX_RUNTIME), only ${Object.keys(Runtimes).join(', ')}`)
  }
  return ociRuntime.startsWith('runsc') || (runtime.path ?? '').includes('runsc')
}
