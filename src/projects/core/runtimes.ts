import { expandEnvironment } from '../../sandbox/images/command-line.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import { imageReference, projectImage } from '../../sandbox/images/lookup.ts'
import type { ImageSpecs } from '../../sandbox/images/resolve.ts'
import type { OperatorImages } from './operator-images.ts'

/** What a project is made of: a language, or an image of the operator's. */
export interface ProjectRuntime {
  readonly name: string
  /** What the Engine creates its containers from. */
  readonly image: () => Promise<string>
  /** Added to the image's own environment. */
  readonly env: (memoryBytes: number) => Record<string, string>
  /** What its language server and a development server need, where that is more than projects usually have. */
  readonly memoryBytes: number | undefined
}

export interface ProjectRuntimes {
  /** By name, or a language's alias. */
  readonly find: (name: string) => ProjectRuntime | undefined
  readonly names: readonly string[]
}

export function createProjectRuntimes ({ catalogue, images, hasTools, operatorImages }: {
  catalogue: Catalogue
  images: ImageSpecs
  hasTools: boolean
  operatorImages: Pick<OperatorImages, 'names' | 'idOf'>
}): ProjectRuntimes {
  return {
    find (name) {
      const definition = catalogue.find(name)
      if (definition !== undefined) {
        const { language, env, project } = definition
        return {
          name: language,
          image: async () => imageReference(images, projectImage(images, language, hasTools)),
          env: (memoryBytes) => expandEnvironment({ ...env, ...project?.env }, memoryBytes),
          memoryBytes: project?.memory
        }
      }
      if (!operatorImages.names.includes(name)) return undefined
      return { name, image: async () => await operatorImages.idOf(name), env: () => ({}), memoryBytes: undefined }
    },
    names: [...catalogue.runtimes.map(({ language }) => language), ...operatorImages.names]
  }
}
