import type { DockerClient } from '../../docker/index.ts'
import { divideMemory } from '../../host/memory.ts'
import type { AdmissionLimits } from './admission.ts'

/** How much memory the Engine's host has for projects, asked of it once. */
export function createAdmissionLimits (docker: DockerClient, { memoryBytes, budgetBytes, runningPerOwner }: {
  memoryBytes: number
  /** Default by the host's memory. */
  budgetBytes: number | undefined
  runningPerOwner: number
}): () => Promise<AdmissionLimits> {
  let asking: Promise<number> | undefined

  async function budget (): Promise<number> {
    if (budgetBytes !== undefined) return budgetBytes
    asking ??= docker.system.info().then(({ MemTotal }) => divideMemory(MemTotal).projectsBytes).catch((error: unknown) => {
      asking = undefined
      throw error
    })
    return await asking
  }

  return async () => ({ budgetBytes: await budget(), memoryBytes, perOwner: runningPerOwner })
}
