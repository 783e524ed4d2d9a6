import type { ImageSpec, ImageSpecs } from './resolve.ts'

export interface BuildFailure {
  readonly image: string
  readonly error: Error
}

/** An image that was not tried because another one failed. */
class DependencyError extends Error {
  override readonly name = 'DependencyError'
}

/**
 * Builds every image once those that it is built from are there, at most `concurrency` at once. One that fails stops
 * only those that need it: all failures are returned, so that they can be mended together.
 */
export async function buildAll (specs: ImageSpecs, { concurrency, build }: {
  concurrency: number
  build: (spec: ImageSpec) => Promise<void>
}): Promise<BuildFailure[]> {
  const waiting = new Map(specs)
  const built = new Set<string>()
  const failures = new Map<string, Error>()

  function takeNext (): ImageSpec | undefined {
    for (const spec of waiting.values()) {
      const dependencies = Object.values(spec.dependencies)
      const failed = dependencies.find((name) => failures.has(name))
      if (failed === undefined && !dependencies.every((name) => built.has(name))) continue
      waiting.delete(spec.name)
      if (failed === undefined) return spec
      failures.set(spec.name, new DependencyError(`sandbox-images/${spec.folder}: not tried, because it is built from ${failed}`))
      return takeNext()
    }
    return undefined
  }

  const running = new Set<Promise<void>>()
  for (;;) {
    while (running.size < concurrency) {
      const spec = takeNext()
      if (spec === undefined) break
      const task = build(spec).then(
        () => { built.add(spec.name) },
        (error: Error) => { failures.set(spec.name, error) }
      ).finally(() => running.delete(task))
      running.add(task)
    }
    if (running.size === 0) return [...failures].map(([image, error]) => ({ image, error }))
    await Promise.race(running)
  }
}
