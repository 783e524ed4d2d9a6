import { CatalogueError, type Catalogue } from './catalogue.ts'
import { AGENT_IMAGE, BASE_IMAGE, type ImageSpecs } from './resolve.ts'

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

/** Which languages a start waits for: what RUNTIMES names, or the three that most people begin with. */
export function firstLanguages (catalogue: Catalogue, names: readonly string[] | undefined): string[] {
  const offered = offeredLanguages(catalogue, names).runtimes.map(({ language }) => language)
  return names === undefined ? offered.filter((language) => FIRST_LANGUAGES.includes(language)) : offered
}

/** The images of these languages with everything that they are built from, and what every sandbox needs. */
export function selectImages (specs: ImageSpecs, languages: readonly string[]): ImageSpecs {
  const needed = new Set<string>()
  const add = (name: string): void => {
    if (needed.has(name)) return
    needed.add(name)
    Object.values(specs.get(name)?.dependencies ?? {}).forEach(add)
  }
  for (const name of [BASE_IMAGE, AGENT_IMAGE, ...languages]) add(name)
  return new Map([...specs].filter(([name]) => needed.has(name)))
}
