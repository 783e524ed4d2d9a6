import { ConfigError } from './error.ts'

const NAME = /^[a-z0-9][a-z0-9.+#-]{0,63}$/
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/

/** An operator's images by the names that projects call them by, from `name=reference, name=reference`. */
export function toProjectImages (given: string | undefined): ReadonlyMap<string, string> {
  const images = new Map<string, string>()
  for (const entry of given?.split(',').map((part) => part.trim()) ?? []) {
    const split = entry.indexOf('=')
    const [name, reference] = [entry.slice(0, Math.max(split, 0)), entry.slice(split + 1)]
    if (!NAME.test(name) || !REFERENCE.test(reference)) {
      throw new ConfigError(`PROJECT_IMAGES: "${entry}" must be a name of lower-case letters, digits and . + # -, then = and an image's reference`)
    }
    if (images.has(name)) throw new ConfigError(`PROJECT_IMAGES names ${name} twice`)
    images.set(name, reference)
  }
  return images
}
