import type { DockerClient } from '../../docker/index.ts'
import type { BuildFailure } from '../../sandbox/images/build-all.ts'
import { buildMissingImages } from '../../sandbox/images/build-missing.ts'
import { ImageBuildError } from '../../sandbox/images/build.ts'
import { proxyArguments } from '../../sandbox/images/proxies.ts'
import type { ImageSpecs } from '../../sandbox/images/resolve.ts'
import { SetupError } from '../packages.ts'
import type { Progress } from '../progress.ts'

const CONCURRENT_BUILDS = 2

/** Builds the images that the Engine lacks. `debian` is asked for only if base is among them. */
export async function ensureImages ({ docker, specs, debian, env, progress, signal }: {
  docker: DockerClient
  specs: ImageSpecs
  debian: () => Promise<string>
  env: Readonly<Record<string, string | undefined>>
  progress: Progress
  signal?: AbortSignal
}): Promise<void> {
  const failures = await buildMissingImages({
    docker,
    specs,
    debian,
    concurrency: CONCURRENT_BUILDS,
    proxies: proxyArguments(env),
    observe: ({ name, reference }) => {
      const task = progress.start(name)
      return { line: task.line, built: () => task.succeed(`built ${reference}`), failed: () => task.fail('failed') }
    },
    ...(signal === undefined ? {} : { signal })
  })
  signal?.throwIfAborted()
  if (failures.length > 0) throw new SetupError(failures.map(describeFailure).join('\n\n'))
}

function describeFailure ({ error }: BuildFailure): string {
  if (!(error instanceof ImageBuildError)) return error.message
  return [error.message, ...error.output.map((line) => `    ${line}`)].join('\n')
}
