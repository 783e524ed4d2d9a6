import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { contentHash } from './content-hash.ts'
import { readContext, type ContextFile } from './context.ts'

/** What everything else is built from, and the one that is built from Debian itself. */
export const BASE_IMAGE = 'base'
export const AGENT_IMAGE = 'agent'

/** An image as its folder says it should be. */
export interface ImageSpec {
  /** The folder's name. */
  readonly name: string
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

/**
 * Names every image of the folders without asking the Engine: same files, same names, on any machine that trusts the
 * same certificates. They come in the order in which they can be built.
 *
 * An `ARG` before a Dockerfile's first `FROM` that has a folder's name stands for that image: `ARG BASE` is base,
 * `ARG JAVASCRIPT` is javascript, whatever default it has. Debian itself is no part of the names; a newer one comes in when base changes.
 */
export async function resolveImages (directory: string, certificates: readonly ContextFile[]): Promise<ImageSpecs> {
  const contexts = new Map<string, ContextFile[]>()
  const folders = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  for (const { name } of folders) {
    const files = await readContext(join(directory, name))
    contexts.set(name, name === BASE_IMAGE ? [...files, ...certificates] : files)
  }

  const specs = new Map<string, ImageSpec>()
  const resolve = (name: string, dependants: readonly string[]): ImageSpec => {
    const done = specs.get(name)
    if (done !== undefined) return done
    if (dependants.includes(name)) throw new ImageSpecError(`${join(directory, name)} is built from itself: ${[...dependants, name].join(' -> ')}`)
    const context = contexts.get(name)
    const dockerfile = context?.find(({ path }) => path === 'Dockerfile')
    if (context === undefined || dockerfile === undefined) throw new ImageSpecError(`${join(directory, name)} has no Dockerfile`)

    const dependencies: Record<string, string> = {}
    const hashes: Record<string, string> = {}
    for (const { argument, hasDefault } of name === BASE_IMAGE ? [] : globalArguments(dockerfile.content.toString())) {
      const dependency = argument.toLowerCase().replaceAll('_', '-')
      if (!contexts.has(dependency)) {
        if (hasDefault) continue
        throw new ImageSpecError(`${join(directory, name)}: ARG ${argument} names no folder and has no default`)
      }
      dependencies[argument] = dependency
      hashes[dependency] = resolve(dependency, [...dependants, name]).hash
    }
    const hash = contentHash(context, hashes)
    const spec = { name, reference: `berth/${name}:${hash}`, hash, context, dependencies }
    specs.set(name, spec)
    return spec
  }
  for (const name of [...contexts.keys()].sort()) resolve(name, [])
  return specs
}

/** The arguments that a FROM can use: those before the first one. */
function globalArguments (dockerfile: string): { argument: string, hasDefault: boolean }[] {
  const head = dockerfile.split(/^FROM\b/m, 1)[0] ?? ''
  return [...head.matchAll(/^ARG (\w+)(=?)/gm)].map(([, argument = '', equals]) => ({ argument, hasDefault: equals === '=' }))
}
