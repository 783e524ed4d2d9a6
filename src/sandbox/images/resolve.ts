import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { contentHash } from './content-hash.ts'
import { readContext, type ContextFile } from './context.ts'

/** What everything else is built from, and the one that is built from Debian itself. */
export const BASE_IMAGE = 'base'
export const AGENT_IMAGE = 'agent'

/** The folder of what is added to each language's image for its projects. */
const TOOLS = 'tools'
/** What its `ARG RUNTIME` stands for is the language's image. */
const RUNTIME = 'runtime'

/** An image as its folder says it should be. */
export interface ImageSpec {
  /** The folder's name; of a language's projects `<language>-tools` and, where it adds something to that, `<language>-project`. */
  readonly name: string
  /** Beneath sandbox-images. */
  readonly folder: string
  /** `berth/<name>:<hash>`; whether it is built or not. */
  readonly reference: string
  readonly hash: string
  readonly context: readonly ContextFile[]
  /** Build argument -> name of the image that it stands for. */
  readonly dependencies: Readonly<Record<string, string>>
}

export type ImageSpecs = ReadonlyMap<string, ImageSpec>

/** A folder from which no image can be made. */
export class ImageSpecError extends Error {
  override readonly name = 'ImageSpecError'
}

/** What an image is made of, before it is known what it is built from. */
interface Source {
  readonly folder: string
  readonly context: readonly ContextFile[]
  /** The image that its `ARG RUNTIME` stands for. */
  readonly language?: string
}

/**
 * Names every image of the folders without asking the Engine: same files, same names, on any machine that trusts the
 * same certificates. They come in an order in which they can be built.
 *
 * An `ARG` before a Dockerfile's first `FROM` that has an image's name stands for that image: `ARG BASE` is base,
 * `ARG C_PROJECT` is c-project, whatever default it has. Debian itself is no part of the names; a newer one comes in when base changes.
 */
export async function resolveImages (directory: string, certificates: readonly ContextFile[]): Promise<ImageSpecs> {
  const sources = await readSources(directory, certificates)
  const specs = new Map<string, ImageSpec>()
  const resolve = (name: string, dependants: readonly string[]): ImageSpec => {
    const done = specs.get(name)
    if (done !== undefined) return done
    const { folder = name, context, language } = sources.get(name) ?? {}
    const path = join(directory, folder)
    if (dependants.includes(name)) throw new ImageSpecError(`${path} is built from itself: ${[...dependants, name].join(' -> ')}`)
    const dockerfile = context?.find((file) => file.path === 'Dockerfile')
    if (context === undefined || dockerfile === undefined) throw new ImageSpecError(`${path} has no Dockerfile`)

    const dependencies: Record<string, string> = {}
    const hashes: Record<string, string> = {}
    for (const { argument, hasDefault } of name === BASE_IMAGE ? [] : globalArguments(dockerfile.content.toString())) {
      const named = argument.toLowerCase().replaceAll('_', '-')
      const dependency = named === RUNTIME && language !== undefined ? language : named
      if (!sources.has(dependency)) {
        if (hasDefault) continue
        throw new ImageSpecError(`${path}: ARG ${argument} names no folder and has no default`)
      }
      dependencies[argument] = dependency
      hashes[dependency] = resolve(dependency, [...dependants, name]).hash
    }
    const hash = contentHash(context, hashes)
    const spec = { name, folder, reference: `berth/${name}:${hash}`, hash, context, dependencies }
    specs.set(name, spec)
    return spec
  }
  for (const name of [...sources.keys()].sort()) resolve(name, [])
  return specs
}

/** Every image's files, by its name. */
async function readSources (directory: string, certificates: readonly ContextFile[]): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>()
  const add = (name: string, source: Source): void => {
    const other = sources.get(name)
    if (other !== undefined) throw new ImageSpecError(`${join(directory, other.folder)} and ${source.folder} would both make the image ${name}`)
    sources.set(name, source)
  }
  const entries = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const folders = entries.map(({ name }) => name)
  for (const folder of folders) {
    if (folder === TOOLS) continue
    const files = await readContext(join(directory, folder))
    add(folder, { folder, context: folder === BASE_IMAGE ? [...files, ...certificates] : files })
  }
  if (!folders.includes(TOOLS)) return sources
  const tools = await readContext(join(directory, TOOLS))
  for (const language of folders.filter((folder) => existsSync(join(directory, folder, 'runtime.json')))) {
    add(`${language}-tools`, { folder: TOOLS, context: tools, language })
    const project = `${language}/project`
    if (existsSync(join(directory, project))) add(`${language}-project`, { folder: project, context: await readContext(join(directory, project)) })
  }
  return sources
}

/** The arguments that a FROM can use: those before the first one. */
function globalArguments (dockerfile: string): { argument: string, hasDefault: boolean }[] {
  const head = dockerfile.split(/^FROM\b/m, 1)[0] ?? ''
  return [...head.matchAll(/^ARG (\w+)(=?)/gm)].map(([, argument = '', equals]) => ({ argument, hasDefault: equals === '=' }))
}
