import type { DockerClient } from '../docker/index.ts'
import { startAttachedSandbox, type AttachedSandbox } from './attached-sandbox.ts'
import { nanoCpus, runSandboxBody, type RunSandboxSpec } from './container-spec.ts'

export interface SandboxLimits {
  readonly memoryBytes: number
  readonly cpus: number
}

/** A run sandbox: where programs run, one after the other. */
export interface Sandbox extends AttachedSandbox {
  /** Changes limits of the container where they differ; nothing may run meanwhile. */
  readonly setLimits: (limits: SandboxLimits, signal?: AbortSignal) => Promise<void>
  /** Whether the container as a whole fell to the OOM killer; asked after the agent was lost. */
  readonly wasOomKilled: () => Promise<boolean>
}

/** Starts one, with the agent connected. */
export async function startSandbox (docker: DockerClient, spec: RunSandboxSpec, signal: AbortSignal): Promise<Sandbox> {
  const sandbox = await startAttachedSandbox(docker, runSandboxBody(spec), signal)
  const { id } = sandbox
  let current: SandboxLimits = { memoryBytes: spec.memoryBytes, cpus: spec.cpus }
  return {
    ...sandbox,
    async setLimits ({ memoryBytes, cpus }, callSignal) {
      if (memoryBytes === current.memoryBytes && cpus === current.cpus) return
      const body = { Memory: memoryBytes, MemorySwap: memoryBytes, NanoCpus: nanoCpus(cpus) }
      await docker.containers.update(id, body, callSignal === undefined ? {} : { signal: callSignal })
      current = { memoryBytes, cpus }
    },
    async wasOomKilled () {
      const { State } = await docker.containers.inspect(id)
      return State.OOMKilled
    }
  }
}
