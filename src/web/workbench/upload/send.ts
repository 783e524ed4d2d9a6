import { ApiError, toApiError } from '../../../client/rest/error.ts'
import { displayName, fileUrl, join } from '../../../client/files/paths.ts'
import { RequestError, type Request } from '../../../client/files/requests.ts'
import type { Upload } from './dropped.ts'

export interface Progress {
  readonly path: string
  /** Of the files, from 1. */
  readonly index: number
  readonly count: number
  readonly percent: number
}

export interface SenderOptions {
  readonly projectId: string
  readonly request: Request
  readonly mayReplace: (path: string) => Promise<boolean>
  readonly onProgress: (progress: Progress | undefined) => void
  /** What somebody is told of a name that no URL can carry, and of a file that does not arrive. */
  readonly words: { readonly badName: (name: string) => string, readonly failed: (name: string) => string }
}

/** Sends files one after the other, streamed by the browser; what is there already is replaced only when somebody says so. */
export function createSender ({ projectId, request, mayReplace, onProgress, words }: SenderOptions) {
  /** The etag of what has that name already. */
  async function find (path: string): Promise<string | undefined> {
    try {
      return (await request('stat', { path })).entry.etag
    } catch (error) {
      if (error instanceof RequestError && error.code === 'FILE_NOT_FOUND') return undefined
      throw error
    }
  }

  async function put (path: string, file: File, etag: string | undefined, signal: AbortSignal, onSent: (percent: number) => void): Promise<void> {
    const url = fileUrl(projectId, path)
    if (url === undefined) throw new ApiError({ status: 0, code: 'BAD_PATH', message: words.badName(displayName(path)) })
    const response = await sendWithProgress({ url, file, signal, onSent, condition: etag === undefined ? ['If-None-Match', '*'] : ['If-Match', etag] })
    if (signal.aborted) return
    if (response === undefined) throw new ApiError({ status: 0, code: 'UNREACHABLE', message: words.failed(displayName(path)) })
    if (!response.ok) throw await toApiError(response)
  }

  /** Returns what was sent until the signal said to stop. */
  return async (directory: string, uploads: readonly Upload[], signal: AbortSignal): Promise<string[]> => {
    const sent: string[] = []
    try {
      for (const [index, { path: name, file }] of uploads.entries()) {
        const path = join(directory, name)
        const tell = (percent: number): void => onProgress({ path, index: index + 1, count: uploads.length, percent })
        tell(0)
        const etag = await find(path)
        if (signal.aborted) break
        if (etag !== undefined && !await mayReplace(path)) continue
        await put(path, file, etag, signal, tell)
        if (signal.aborted) break
        sent.push(path)
      }
    } finally {
      onProgress(undefined)
    }
    return sent
  }
}

interface Sending {
  readonly url: string
  readonly file: File
  readonly condition: readonly [string, string]
  readonly signal: AbortSignal
  readonly onSent: (percent: number) => void
}

/** As fetch() does, which does not say how far it is. Undefined without an answer. */
async function sendWithProgress ({ url, file, condition: [name, value], signal, onSent }: Sending): Promise<Response | undefined> {
  const request = new XMLHttpRequest()
  request.open('PUT', url)
  request.setRequestHeader(name, value)
  request.upload.onprogress = ({ loaded, total }) => onSent(total === 0 ? 100 : Math.floor(loaded / total * 100))
  const stop = (): void => request.abort()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise((resolve) => {
      request.onload = () => resolve(new Response(request.status === 204 ? null : request.responseText, { status: request.status, statusText: request.statusText }))
      request.onerror = request.onabort = () => resolve(undefined)
      request.send(file)
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
