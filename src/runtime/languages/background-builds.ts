import type { DockerClient } from '../../docker/index.ts'
import { buildMissingImages } from '../../sandbox/images/build-missing.ts'
import { ImageBuildError } from '../../sandbox/images/build.ts'
import { imageReference } from '../../sandbox/images/lookup.ts'
import { BASE_IMAGE, type ImageSpecs } from '../../sandbox/images/resolve.ts'

// Sandboxes have 1024: a build gets what they leave.
const CPU_SHARES = 64

export interface BackgroundBuilds {
  /** Begins with what is missing. Each image and each failure is logged once; a failed one is tried again at the next start. */
  readonly start: () => void
  /** Cancels the build under way; the Engine throws away what it has made so far. */
  readonly stop: () => Promise<void>
}

/** Builds images one after the other while the server runs. Who waits for a language sees it in its readiness. */
export function createBackgroundBuilds ({ docker, images, proxies, checkDisk, log }: {
  docker: DockerClient
  images: ImageSpecs
  proxies: Readonly<Record<string, string>>
  /** Throws while there is no space for an image. */
  checkDisk: () => Promise<void>
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
}): BackgroundBuilds {
  const stopping = new AbortController()
  let building: Promise<void> | undefined

  async function build (): Promise<void> {
    const failures = await buildMissingImages({
      docker,
      specs: images,
      proxies,
      concurrency: 1,
      cpuShares: CPU_SHARES,
      check: checkDisk,
      debian: async () => { throw new Error(`${imageReference(images, BASE_IMAGE)} is not built: "make run" builds it`) },
      observe: ({ name, reference }) => {
        const begun = performance.now()
        log.info({ image: reference }, `building ${name}`)
        return {
          line: () => undefined,
          built: () => log.info({ image: reference, seconds: Math.round((performance.now() - begun) / 1000) }, `built ${name}`),
          failed: () => undefined
        }
      },
      signal: stopping.signal
    })
    if (stopping.signal.aborted) return
    for (const { image, error } of failures) {
      const output = error instanceof ImageBuildError ? { output: error.output } : {}
      log.error({ image, ...output }, `image not built: ${error.message}`)
    }
  }

  return {
    start () { building ??= build() },
    async stop () {
      stopping.abort()
      await building
    }
  }
}
