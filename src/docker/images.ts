import { DockerError } from './errors.ts'
import { readJsonLines } from './json-lines.ts'
import type { OperationName } from './operations.ts'
import type { CallOptions, Filters, Outcome } from './options.ts'
import type { Request } from './request.ts'
import type { Transport } from './transport.ts'
import type { ImageInspect, ImageProgress, ImageRemoval, ImageSummary } from './types/image.ts'
import type { UploadSource } from './upload.ts'

export interface BuildOptions {
  tags?: readonly string[]
  /** Within the context; default `Dockerfile`. */
  dockerfile?: string
  buildArgs?: Record<string, string>
  labels?: Record<string, string>
  target?: string
  noCache?: boolean
  /** Ask the registry for a newer base image. */
  pull?: boolean
  networkMode?: string
  platform?: string
  extraHosts?: readonly string[]
  /** Weight beside other containers, which have 1024. */
  cpuShares?: number
}

export interface PullOptions {
  platform?: string
  /** The X-Registry-Auth value: base64url of the registry's credentials as JSON. */
  registryAuth?: string
}

export interface ImportOptions {
  repository: string
  tag: string
  /** Dockerfile instructions: `CMD ["bash"]`, `ENV …`. */
  changes?: readonly string[]
  message?: string
}

type StepReport = ImageProgress & { errorDetail?: { message?: string, code?: number }, error?: string }

export function createImages (transport: Transport) {
  /** The Engine answers 200 before it knows: failures come as a line of the progress. */
  async function * progress (operation: OperationName, code: 'build_failed' | 'pull_failed' | 'import_failed', request: Request, options?: CallOptions): AsyncGenerator<ImageProgress, void, undefined> {
    const { body } = await transport.stream(operation, request, options)
    let step: string | undefined
    for await (const report of readJsonLines<StepReport>(body, operation)) {
      if (report.errorDetail !== undefined || report.error !== undefined) {
        const daemonMessage = report.errorDetail?.message ?? report.error ?? ''
        throw new DockerError({
          code,
          operation,
          daemonMessage,
          message: step === undefined ? daemonMessage : `${step}: ${daemonMessage}`,
          ...(step === undefined ? {} : { step })
        })
      }
      if (report.stream?.startsWith('Step ')) step = report.stream.trim()
      yield report
    }
  }

  return {
    /** Builds with the classic builder from a tar; the iteration drives it, and ends when the image is tagged. */
    build (context: UploadSource, build: BuildOptions = {}, options?: CallOptions): AsyncGenerator<ImageProgress, void, undefined> {
      const query = {
        t: build.tags,
        dockerfile: build.dockerfile,
        buildargs: build.buildArgs,
        labels: build.labels,
        target: build.target,
        nocache: build.noCache,
        pull: build.pull,
        networkmode: build.networkMode,
        platform: build.platform,
        extrahosts: build.extraHosts,
        cpushares: build.cpuShares,
        rm: true,
        forcerm: true
      }
      return progress('imageBuild', 'build_failed', { query, upload: context }, options)
    },

    /** A reference without tag or digest means `latest`, not every tag. */
    pull (reference: string, pull: PullOptions = {}, options?: CallOptions): AsyncGenerator<ImageProgress, void, undefined> {
      const query = { fromImage: hasTag(reference) ? reference : `${reference}:latest`, platform: pull.platform }
      const headers = pull.registryAuth === undefined ? {} : { 'x-registry-auth': pull.registryAuth }
      return progress('imageCreate', 'pull_failed', { query, headers }, options)
    },

    /** Makes an image of one layer from a tar of a root file system. */
    import (tar: UploadSource, { repository, tag, changes, message }: ImportOptions, options?: CallOptions): AsyncGenerator<ImageProgress, void, undefined> {
      const query = { fromSrc: '-', repo: repository, tag, changes, message }
      return progress('imageCreate', 'import_failed', { query, upload: tar }, options)
    },

    async inspect (reference: string, options?: CallOptions): Promise<ImageInspect> {
      return transport.json('imageInspect', { params: { id: reference } }, options)
    },

    async list (list: { all?: boolean, filters?: Filters } = {}, options?: CallOptions): Promise<ImageSummary[]> {
      return transport.json('imageList', { query: { all: list.all, filters: list.filters } }, options)
    },

    async remove (reference: string, remove: { force?: boolean, noPrune?: boolean } = {}, options?: CallOptions): Promise<Outcome & { removed: ImageRemoval[] }> {
      const query = { force: remove.force, noprune: remove.noPrune }
      const { alreadySo, text } = await transport.call('imageRemove', { params: { id: reference }, query }, options)
      return { alreadySo, removed: alreadySo ? [] : JSON.parse(text) as ImageRemoval[] }
    }
  }
}

function hasTag (reference: string): boolean {
  return reference.includes('@') || reference.slice(reference.lastIndexOf('/') + 1).includes(':')
}
