import type { DockerClient } from '../../docker/index.ts'
import { isThere } from '../../sandbox/images/build-missing.ts'
import { imageSpec, projectImage } from '../../sandbox/images/lookup.ts'
import type { BuildProgress } from '../../sandbox/images/progress.ts'
import type { ImageSpecs } from '../../sandbox/images/resolve.ts'

export interface ProjectImageState {
  readonly image: string
  readonly ready: boolean
  /** Of its build, while that is at work. */
  readonly step: string | null
}

/** Whoever asks meanwhile has the same answer: anybody may ask, as often as they like. */
const FRESH_MS = 2_000
const CHECKS_AT_ONCE = 8

/** Whether the images are there that projects are started in. */
export function createProjectImages ({ docker, images, languages, hasTools, progress, now = () => performance.now() }: {
  docker: DockerClient
  images: ImageSpecs
  languages: readonly string[]
  hasTools: boolean
  progress: Pick<BuildProgress, 'report'>
  now?: () => number
}) {
  let latest: { readonly atMs: number, readonly present: Promise<Set<string>> } | undefined
  const specOf = (language: string) => imageSpec(images, projectImage(images, language, hasTools))

  async function check (): Promise<Set<string>> {
    const left = [...new Set(languages.map(specOf))].values()
    const present = new Set<string>()
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, async () => {
      for (const spec of left) if (await isThere(docker, spec)) present.add(spec.name)
    }))
    return present
  }

  /** None is there while the Engine does not answer: it could not start any either. */
  return async (): Promise<(language: string) => ProjectImageState> => {
    if (latest === undefined || now() - latest.atMs > FRESH_MS) latest = { atMs: now(), present: check().catch(() => new Set<string>()) }
    const present = await latest.present
    return (language) => {
      const { name, reference } = specOf(language)
      return { image: reference, ready: present.has(name), step: progress.report(name)?.step ?? null }
    }
  }
}
export type ProjectImages = ReturnType<typeof createProjectImages>
