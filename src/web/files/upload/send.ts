import { ApiError, toApiError } from '../../../client/rest/error.ts'
import type { Confirm } from '../panels/dialogs.ts'
import { displayName, fileUrl, join } from '../../../client/files/paths.ts'
import { RequestError, type Request } from '../../../client/files/requests.ts'
import type { Upload } from './dropped.ts'

export interface SenderOptions {
  readonly fetch: typeof globalThis.fetch
  readonly projectId: string
  readonly request: Request
  readonly confirm: Confirm
  readonly onProgress: (text: string) => void
}

/** Sends files one after the other, streamed by the browser; what is there already is replaced only when somebody says so. */
export function createSender ({ fetch, projectId, request, confirm, onProgress }: SenderOptions) {
  /** The etag of what has that name already. */
  async function find (path: string): Promise<string | undefined> {
    try {
      return (await request('stat', { path })).entry.etag
    } catch (error) {
      if (error instanceof RequestError && error.code === 'FILE_NOT_FOUND') return undefined
      throw error
    }
  }

  async function put (path: string, file: File, etag: string | undefined): Promise<void> {
    const url = fileUrl(projectId, path)
    if (url === undefined) throw new ApiError({ status: 0, code: 'BAD_PATH', message: `“${displayName(path)}” is no name that a URL can carry.` })
    const condition: Record<string, string> = etag === undefined ? { 'If-None-Match': '*' } : { 'If-Match': etag }
    const response = await fetch(url, { method: 'PUT', body: file, headers: condition })
      .catch(() => { throw new ApiError({ status: 0, code: 'UNREACHABLE', message: `“${displayName(path)}” could not be uploaded: the connection was lost, or the file cannot be read.` }) })
    if (!response.ok) throw await toApiError(response)
  }

  async function mayReplace (path: string, etag: string | undefined): Promise<boolean> {
    if (etag === undefined) return true
    return await confirm({ title: `Replace “${displayName(path)}”?`, text: 'A file of this name is there already.', action: 'Replace' })
  }

  return async (directory: string, uploads: readonly Upload[]): Promise<string[]> => {
    const sent: string[] = []
    try {
      for (const [index, { path: name, file }] of uploads.entries()) {
        const path = join(directory, name)
        onProgress(`Uploading ${index + 1} of ${uploads.length}: ${displayName(path)}`)
        const etag = await find(path)
        if (!await mayReplace(path, etag)) continue
        await put(path, file, etag)
        sent.push(path)
      }
    } finally {
      onProgress('')
    }
    return sent
  }
}
