import { ImageSpecError, type ImageSpec, type ImageSpecs } from './resolve.ts'

/** Throws ImageSpecError for a name without a folder. */
export function imageSpec (specs: ImageSpecs, name: string): ImageSpec {
  const spec = specs.get(name)
  if (spec === undefined) throw new ImageSpecError(`there is no image ${name}`)
  return spec
}

export function imageReference (specs: ImageSpecs, name: string): string {
  return imageSpec(specs, name).reference
}
