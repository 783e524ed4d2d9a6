import type { DockerClient } from '../docker/index.ts'
import { startAttachedSandbox, type AttachedSandbox } from './attached-sandbox.ts'
import { runSandboxBody, type RunSandboxSpec } from './container-spec.ts'
import { nanoCpus } from './hardening.ts'
import { wasOomKilled } from './oom.ts'

/** What the Engine gives a container that asks for nothing. */
export const DEFAULT_CPU_SHARES = 1024

export interface SandboxLimits {
  readonly memoryBytes: number
  readonly cpus: number
  /** Its weight against other containers where they all want the CPU; default as it is. */
  readonly cpuShares?: number | undefined
}

/** A run sandbox: where programs run, one after the other. */
export interface Sandbox extends AttachedSandbox {
  /** Changes limits of the container where they differ; nothing may run meanwhile. */
  readonly setLimits: (limits: SandboxLimits, signal?: AbortSignal) => Promise<void>
  /** What the agent keeps where the container's own limit cannot be changed. */
  readonly programMemoryBytes?: () => number | undefined
  /** Whether something in it was OOM-killed just now; asked after the agent was lost. */
  readonly wasOomKilled: () => Promise<boolean>
}

/** Starts one, with the agent connected. */
export async function startSandbox (docker: DockerClient, spec: RunSandboxSpec, signal: AbortSignal): Promise<Sandbox> {
  const sandbox = await startAttachedSandbox(docker, runSandboxBody(spec), signal)
  const { id } = sandbox
  let current = { memoryBytes: spec.memoryBytes, cpus: spec.cpus, cpuShares: DEFAULT_CPU_SHARES }
  return {
    ...sandbox,
    async setLimits ({ memoryBytes, cpus, cpuShares = current.cpuShares }, callSignal) {
      if (memoryBytes === current.memoryBytes && cpus === current.cpus && cpuShares === current.cpuShares) return
      // gVisor has no update: the agent keeps the memory, the CPUs stay those of the language.
      if (spec.hasOwnKernel === true) {
        current = { ...current, memoryBytes }
        return
      }
      const body = { Memory: memoryBytes, MemorySwap: memoryBytes, NanoCpus: nanoCpus(cpus), CpuShares: cpuShares }
      await docker.containers.update(id, body, callSignal === undefined ? {} : { signal: callSignal })
      current = { memoryBytes, cpus, cpuShares }
    },
    programMemoryBytes: () => spec.hasOwnKernel === true ? current.memoryBytes : undefined,
    wasOomKilled: async () => await wasOomKilled(docker, id)
  }
}
