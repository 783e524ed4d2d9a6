import type { ImageInspect } from '../../docker/index.ts'

/** Why an image that is not ours cannot be a sandbox's, for a sentence; undefined if it can. */
export function imageProblem ({ Os, Architecture, Config: { Volumes } }: ImageInspect, engineArchitecture: string): string | undefined {
  if (Os !== 'linux' || Architecture !== engineArchitecture) return `it is made for ${Os} on ${Architecture}, and the Engine runs linux on ${engineArchitecture}`
  const [volume] = Object.keys(Volumes ?? {})
  // The Engine would make one beside the project's, which nothing bounds.
  return volume === undefined ? undefined : `it declares a volume at ${volume}, where nothing would bound what is written`
}
