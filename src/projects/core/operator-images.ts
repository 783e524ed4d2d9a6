import { isDockerError, type DockerClient } from '../../docker/index.ts'
import { errors } from '../../errors.ts'
import { createLoop, type Loop } from '../../lib/loop.ts'
import { imageProblem } from '../../sandbox/images/foreign-image.ts'

const CHECK_MS = 60_000

export interface OperatorImages extends Pick<Loop, 'start' | 'stop'> {
  readonly names: readonly string[]
  /** The id of the image that the name stood for first on this server, whatever its tag is given to later. Throws RUNTIME_IMAGE_MISSING. */
  readonly idOf: (name: string) => Promise<string>
}

/** The images of PROJECT_IMAGES. What the Engine lacks is pulled off the request path, and tried again every minute. */
export function createOperatorImages ({ docker, references, checkDisk, log }: {
  docker: DockerClient
  references: ReadonlyMap<string, string>
  /** Throws while there is no space for an image. */
  checkDisk: () => Promise<void>
  log: { info: (fields: object, message: string) => void, warn: (fields: object, message: string) => void }
}): OperatorImages {
  const pinned = new Map<string, string>()
  /** By name: why it is not to be had, for a sentence. */
  const problems = new Map<string, string>()

  /** Undefined where the Engine has no such image. */
  async function find (name: string, signal?: AbortSignal): Promise<string | undefined> {
    const options = signal === undefined ? {} : { signal }
    const reference = references.get(name) ?? name
    try {
      const [image, { Arch }] = await Promise.all([docker.images.inspect(pinned.get(name) ?? reference, options), docker.system.version(options)])
      const problem = imageProblem(image, Arch)
      if (problem !== undefined) {
        problems.set(name, problem)
        throw new errors.RUNTIME_IMAGE_MISSING(name, problem)
      }
      if (!pinned.has(name)) log.info({ runtime: name, image: reference, id: image.Id, digests: image.RepoDigests }, 'image of projects found')
      pinned.set(name, image.Id)
      problems.delete(name)
      return image.Id
    } catch (error) {
      if (!isDockerError(error, 'not_found')) throw error
      pinned.delete(name)
      return undefined
    }
  }

  async function pull (name: string, signal: AbortSignal): Promise<void> {
    const reference = references.get(name) ?? name
    if (!problems.has(name)) problems.set(name, 'it is being pulled. Try again in a minute')
    try {
      await checkDisk()
      const progress = docker.images.pull(reference, {}, { signal })
      while ((await progress.next()).done !== true);
      await find(name, signal)
    } catch (err) {
      if (signal.aborted) return
      problems.set(name, 'it is neither on the Engine nor can it be pulled, and the server\'s log says why')
      log.warn({ err, runtime: name, image: reference }, 'an image of PROJECT_IMAGES cannot be pulled')
    }
  }

  const loop = createLoop({
    intervalMs: CHECK_MS,
    onError: (err) => log.warn({ err }, 'the images of PROJECT_IMAGES could not be looked at'),
    work: async (signal) => {
      for (const name of references.keys()) {
        if (!pinned.has(name) && await find(name, signal) === undefined) await pull(name, signal)
      }
    }
  })

  return {
    names: [...references.keys()],
    async idOf (name) {
      const id = await find(name)
      if (id !== undefined) return id
      throw new errors.RUNTIME_IMAGE_MISSING(name, problems.get(name) ?? 'it is not on the Engine yet. Try again in a minute')
    },
    start: loop.start,
    stop: loop.stop
  }
}
