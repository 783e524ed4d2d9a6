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

/** The name of the image that a language's projects are started in: its runs' own without tools. */
export function projectImage (specs: ImageSpecs, language: string, hasTools: boolean): string {
  const names = hasTools ? [`${language}-project`, `${language}-tools`] : []
  return names.find((name) => specs.has(name)) ?? language
}
