import { isDockerError, type DockerClient } from '../../docker/index.ts'
import { buildAll, type BuildFailure } from './build-all.ts'
import { buildImage } from './build.ts'
import { BASE_IMAGE, type ImageSpec, type ImageSpecs } from './resolve.ts'

/** Whoever looks on while an image is built. */
export interface BuildObserver {
  readonly line: (text: string) => void
  readonly built: () => void
  readonly failed: () => void
}

export interface MissingImages {
  readonly docker: DockerClient
  readonly specs: ImageSpecs
  readonly concurrency: number
  /** Asked for the reference of a minimal Debian only if base is missing. */
  readonly debian: () => Promise<string>
  readonly proxies: Readonly<Record<string, string>>
  /** Of the CPU beside others, who have 1024 each; default the same. */
  readonly cpuShares?: number
  readonly observe: (spec: ImageSpec) => BuildObserver
  /** Told of those that are there already. */
  readonly onPresent?: (spec: ImageSpec) => void
  /** Before each build; throws where it is not to be begun. */
  readonly check?: () => Promise<void>
  readonly signal?: AbortSignal
}

/** Builds the images that the Engine lacks, and returns what failed. */
export async function buildMissingImages ({ docker, specs, concurrency, debian, proxies, cpuShares, observe, onPresent, check, signal }: MissingImages): Promise<BuildFailure[]> {
  async function build (spec: ImageSpec): Promise<void> {
    signal?.throwIfAborted()
    if (await isThere(docker, spec)) {
      onPresent?.(spec)
      return
    }
    await check?.()
    const debianArgs: Record<string, string> = spec.name === BASE_IMAGE ? { BASE: await debian() } : {}
    const dependencies: Record<string, string> = Object.fromEntries(
      Object.entries(spec.dependencies).map(([argument, name]) => [argument, specs.get(name)?.reference ?? name])
    )
    const observer = observe(spec)
    try {
      await buildImage(docker, spec, {
        buildArgs: { ...proxies, ...debianArgs, ...dependencies },
        onLine: observer.line,
        ...(cpuShares === undefined ? {} : { cpuShares }),
        ...(signal === undefined ? {} : { signal })
      })
      observer.built()
    } catch (error) {
      observer.failed()
      throw error
    }
  }

  return await buildAll(specs, { concurrency, build })
}

export async function isThere (docker: DockerClient, spec: ImageSpec): Promise<boolean> {
  try {
    await docker.images.inspect(spec.reference)
    return true
  } catch (error) {
    if (isDockerError(error, 'not_found')) return false
    throw error
  }
}
