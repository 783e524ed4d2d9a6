import { isDockerError, type DockerClient } from '../../docker/index.ts'
import { imageLabels } from './labels.ts'
import type { ImageSpecs } from './resolve.ts'

/**
 * Removes what newer builds have replaced: images of these names with another hash, and the stages that builds leave
 * behind without a name. What a container or another image still uses stays. Returns what was removed.
 */
export async function removeSupersededImages (docker: DockerClient, specs: ImageSpecs): Promise<string[]> {
  const removed: string[] = []
  const remove = async (reference: string): Promise<void> => {
    try {
      await docker.images.remove(reference)
      removed.push(reference)
    } catch (error) {
      if (!isDockerError(error, 'conflict')) throw error
    }
  }

  const labelled = { label: [imageLabels.image] }
  for (const { Labels, RepoTags } of await docker.images.list({ filters: labelled })) {
    const spec = specs.get(Labels?.[imageLabels.image] ?? '')
    if (spec === undefined) continue
    for (const reference of RepoTags ?? []) {
      if (reference.startsWith(`berth/${spec.name}:`) && reference !== spec.reference) await remove(reference)
    }
  }
  // A stage has the label of what it is built from.
  const unnamed = await docker.images.list({ filters: { ...labelled, dangling: ['true'] } })
  for (const { Id } of unnamed) await remove(Id)
  return removed
}
