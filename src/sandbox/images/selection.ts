import { CatalogueError, type Catalogue } from './catalogue.ts'
import { projectImage } from './lookup.ts'
import { AGENT_IMAGE, BASE_IMAGE, type ImageSpec, type ImageSpecs } from './resolve.ts'

const FIRST_LANGUAGES: readonly string[] = ['python', 'javascript', 'bun']

/**
 * The catalogue with the languages that RUNTIMES names, by id or alias: all of them when it is not set, or names `all`.
 * Throws CatalogueError for one that there is not.
 */
export function offeredLanguages (catalogue: Catalogue, names: readonly string[] | undefined): Catalogue {
  if (names === undefined || names.includes('all')) return catalogue
  const chosen = new Set(names.map((name) => {
    const runtime = catalogue.find(name)
    if (runtime !== undefined) return runtime
    throw new CatalogueError(`RUNTIMES: there is no language "${name}". Known languages: ${catalogue.runtimes.map(({ language }) => language).join(', ')}`)
  }))
  return {
    runtimes: catalogue.runtimes.filter((runtime) => chosen.has(runtime)),
    find (nameOrAlias) {
      const runtime = catalogue.find(nameOrAlias)
      return runtime !== undefined && chosen.has(runtime) ? runtime : undefined
    }
  }
}

/** Throws CatalogueError where an operator's image would go by the name of a language, also of one that is not offered. */
export function checkImageNames (catalogue: Catalogue, names: Iterable<string>): void {
  for (const name of names) {
    const runtime = catalogue.find(name)
    if (runtime !== undefined) throw new CatalogueError(`PROJECT_IMAGES: "${name}" is a name of the language ${runtime.language}. Choose another`)
  }
}

/** Which languages a start waits for: what RUNTIMES names, or the three that most people begin with. */
export function firstLanguages (catalogue: Catalogue, names: readonly string[] | undefined): string[] {
  const offered = offeredLanguages(catalogue, names).runtimes.map(({ language }) => language)
  return names === undefined ? offered.filter((language) => FIRST_LANGUAGES.includes(language)) : offered
}

/** These images with everything that they are built from, and what every sandbox needs, in the order in which they are built. */
export function selectImages (specs: ImageSpecs, names: readonly string[]): ImageSpecs {
  const selected = new Map<string, ImageSpec>()
  const add = (name: string): void => {
    const spec = specs.get(name)
    if (spec === undefined || selected.has(name)) return
    Object.values(spec.dependencies).forEach(add)
    selected.set(name, spec)
  }
  for (const name of [AGENT_IMAGE, BASE_IMAGE, ...names]) add(name)
  return selected
}

/** What a server with these languages needs. What most people begin with is built first, also for projects; then all that programs run in. */
export function offeredImages (specs: ImageSpecs, languages: readonly string[], hasTools: boolean): ImageSpecs {
  const groups = [languages.filter((language) => FIRST_LANGUAGES.includes(language)), languages]
  return selectImages(specs, groups.flatMap((group) => [...group, ...group.map((language) => projectImage(specs, language, hasTools))]))
}
