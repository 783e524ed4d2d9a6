import { isDockerError, type DockerClient } from '../../docker/index.ts'
import { buildImage, ImageBuildError } from '../../sandbox/images/build.ts'
import { BASE_IMAGE, type ImageSpec, type ImageSpecs } from '../../sandbox/images/resolve.ts'
import { SetupError } from '../packages.ts'
import type { Progress } from '../progress.ts'
import { buildAll, type BuildFailure } from './build-all.ts'

const CONCURRENT_BUILDS = 2
// The builder takes these without an ARG and keeps them out of the image and its history.
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])

/** Builds the images that the Engine lacks. `debian` is asked for only if base is among them. */
export async function ensureImages ({ docker, specs, debian, env, progress, signal }: {
  docker: DockerClient
  specs: ImageSpecs
  debian: () => Promise<string>
  env: Readonly<Record<string, string | undefined>>
  progress: Progress
  signal?: AbortSignal
}): Promise<void> {
  const proxies = Object.fromEntries(PROXY_VARIABLES.flatMap((name) => env[name] ? [[name, env[name]]] : []))

  async function build (spec: ImageSpec): Promise<void> {
    if (await isBuilt(docker, spec)) return
    const debianArgs: Record<string, string> = spec.name === BASE_IMAGE ? { BASE: await debian() } : {}
    const dependencies = Object.entries(spec.dependencies).map(([argument, name]) => [argument, specs.get(name)?.reference ?? name])
    const task = progress.start(spec.name)
    try {
      await buildImage(docker, spec, {
        buildArgs: { ...proxies, ...debianArgs, ...Object.fromEntries(dependencies) as Record<string, string> },
        onLine: task.line,
        ...(signal === undefined ? {} : { signal })
      })
      task.succeed(`built ${spec.reference}`)
    } catch (error) {
      task.fail('failed')
      throw error
    }
  }

  const failures = await buildAll(specs, { concurrency: CONCURRENT_BUILDS, build })
  signal?.throwIfAborted()
  if (failures.length > 0) throw new SetupError(failures.map(describeFailure).join('\n\n'))
}

async function isBuilt (docker: DockerClient, spec: ImageSpec): Promise<boolean> {
  try {
    await docker.images.inspect(spec.reference)
    return true
  } catch (error) {
    if (isDockerError(error, 'not_found')) return false
    throw error
  }
}

function describeFailure ({ error }: BuildFailure): string {
  if (!(error instanceof ImageBuildError)) return error.message
  return [error.message, ...error.output.map((line) => `    ${line}`)].join('\n')
}
