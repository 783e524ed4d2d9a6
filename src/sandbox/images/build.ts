import { DockerError, type DockerClient } from '../../docker/index.ts'
import { createLineSplitter } from '../../lib/line-splitter.ts'
import { packContext } from './context.ts'
import { imageLabels } from './labels.ts'
import type { ImageSpec } from './resolve.ts'

const OUTPUT_TAIL_LINES = 20

export interface BuildImageOptions {
  /** References for the spec's dependencies, and proxies. */
  readonly buildArgs: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  /** Weight beside other containers, which have 1024. */
  readonly cpuShares?: number
  readonly signal?: AbortSignal
}

/** An image that could not be built: its folder, the step of its Dockerfile, and the end of what was printed. */
export class ImageBuildError extends Error {
  override readonly name = 'ImageBuildError'
  readonly image: string
  readonly step: string | undefined
  readonly output: readonly string[]

  constructor ({ name, folder }: ImageSpec, output: readonly string[], cause: DockerError) {
    const reason = cause.daemonMessage ?? cause.message
    super(`sandbox-images/${folder}: ${cause.step === undefined ? '' : `${cause.step}: `}${reason}`, { cause })
    this.image = name
    this.step = cause.step
    this.output = output
  }
}

/** Builds with the classic builder, which needs no session, and tags the result with the spec's reference. */
export async function buildImage (docker: DockerClient, spec: ImageSpec, { buildArgs, onLine, cpuShares, signal }: BuildImageOptions): Promise<void> {
  const tail: string[] = []
  const printLine = (line: string): void => {
    tail.push(line)
    if (tail.length > OUTPUT_TAIL_LINES) tail.shift()
    onLine(line)
  }
  // certificates/ is copied into base and empty on most machines.
  const context = packContext(spec.context, ['certificates'])
  const build = { tags: [spec.reference], buildArgs: { ...buildArgs }, labels: { [imageLabels.image]: spec.name }, ...(cpuShares === undefined ? {} : { cpuShares }) }
  // The builder sends its output as it comes: half a line, or several.
  const lines = createLineSplitter(printLine)
  try {
    for await (const progress of docker.images.build(context, build, signal === undefined ? {} : { signal })) {
      const { stream, status, id } = progress
      if (stream !== undefined) lines.write(stream)
      else if (status !== undefined) printLine(id === undefined ? status : `${id}: ${status}`)
    }
  } catch (error) {
    lines.end()
    if (error instanceof DockerError && error.code === 'build_failed') throw new ImageBuildError(spec, tail, error)
    throw error
  }
  lines.end()
}
