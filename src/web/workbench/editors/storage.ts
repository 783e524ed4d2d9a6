import { RequestError, type Request } from '../../../client/files/requests.ts'
import type { Version } from './document.ts'

/** Files that are no text, or too much of it, are for other programs. */
export const NOT_EDITABLE = 'NOT_EDITABLE'

// A file of more could not be opened again.
const MOST_BYTES = 1024 ** 2
// The server ends a connection that sends two megabytes at once, which many escapes in JSON can make of one.
const MOST_JSON_BYTES = 2 * 1024 ** 2 - 16 * 1024

const sizeOf = (text: string): number => new TextEncoder().encode(text).length

/** Rejects with NOT_EDITABLE for what no editor should open. */
export async function readText (request: Request, path: string): Promise<Version> {
  try {
    const { entry, content, encoding } = await request('read', { path })
    if (encoding === 'utf8' && !content.includes('\0')) return { text: content, etag: entry.etag }
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'TOO_LARGE') throw error
    throw new RequestError(NOT_EDITABLE, 'This file is too large to be edited here.')
  }
  throw new RequestError(NOT_EDITABLE, 'This file is not text.')
}

/** The same, and undefined where nothing is. */
export async function findText (request: Request, path: string): Promise<Version | undefined> {
  try {
    return await readText(request, path)
  } catch (error) {
    if (error instanceof RequestError && error.code === 'FILE_NOT_FOUND') return undefined
    throw error
  }
}

/** Over the version `ifMatch`, or where nothing is. Returns the new version's etag. */
export async function writeText (request: Request, path: string, content: string, ifMatch: string | undefined): Promise<string> {
  if (sizeOf(content) > MOST_BYTES || sizeOf(JSON.stringify(content)) > MOST_JSON_BYTES) {
    throw new RequestError('TOO_LARGE', 'This text is too large to be saved here: a megabyte is the most.')
  }
  const condition = ifMatch === undefined ? { ifNoneMatch: '*' as const } : { ifMatch }
  const { entry } = await request('write', { path, content, ...condition })
  return entry.etag
}
