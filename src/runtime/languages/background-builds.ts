import type { DockerClient } from '../../docker/index.ts'
import { buildMissingImages } from '../../sandbox/images/build-missing.ts'
import { ImageBuildError } from '../../sandbox/images/build.ts'
import { imageReference } from '../../sandbox/images/lookup.ts'
import type { BuildProgress } from '../../sandbox/images/progress.ts'
import { BASE_IMAGE, type ImageSpecs } from '../../sandbox/images/resolve.ts'

// Sandboxes have 1024: a build gets what they leave.
const CPU_SHARES = 64

export interface BackgroundBuilds {
  /** Begins with what is missing, unless it is at that already. Each image and each failure is logged once, and tried again at the next call. */
  readonly start: () => void
  /** Cancels the build under way; the Engine throws away what it has made so far. */
  readonly stop: () => Promise<void>
}

/** Builds images one after the other while the server runs. Who waits for a language sees it in its readiness. */
export function createBackgroundBuilds ({ docker, images, progress, proxies, checkDisk, log }: {
  docker: DockerClient
  images: ImageSpecs
  progress: BuildProgress
  proxies: Readonly<Record<string, string>>
  /** Throws while there is no space for an image. */
  checkDisk: () => Promise<void>
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
}): BackgroundBuilds {
  const stopping = new AbortController()
  let building: Promise<void> | undefined

  async function build (): Promise<void> {
    progress.queue(images.keys())
    const failures = await buildMissingImages({
      docker,
      specs: images,
      proxies,
      concurrency: 1,
      cpuShares: CPU_SHARES,
      check: checkDisk,
      debian: async () => { throw new Error(`${imageReference(images, BASE_IMAGE)} is not built: "make run" builds it`) },
      onPresent: ({ name }) => progress.forget(name),
      observe: ({ name, reference }) => {
        const begun = performance.now()
        log.info({ image: reference }, `building ${name}`)
        progress.start(name)
        return {
          line: (text) => progress.addLine(name, text),
          built () {
            progress.finish(name)
            log.info({ image: reference, seconds: Math.round((performance.now() - begun) / 1000) }, `built ${name}`)
          },
          failed: () => undefined
        }
      },
      signal: stopping.signal
    })
    if (stopping.signal.aborted) return
    for (const { image, error } of failures) {
      progress.fail(image, error)
      const output = error instanceof ImageBuildError ? { output: error.output } : {}
      log.error({ image, ...output }, `image not built: ${error.message}`)
    }
  }

  return {
    start () { building ??= build().finally(() => { building = undefined }) },
    async stop () {
      stopping.abort()
      await building
    }
  }
}
