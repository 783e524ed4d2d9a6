/** What the API refused, in its own words; status 0 when it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly statusCode: number
  readonly code: string

  constructor (statusCode: number, code: string, message: string) {
    super(message)
    this.statusCode = statusCode
    this.code = code
  }
}

export type Api = ReturnType<typeof createApi>

/** JSON in and out; who asks is told by the cookie, which scripts cannot see. */
export function createApi (fetch: typeof globalThis.fetch) {
  async function request (method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    }).catch(() => { throw new ApiError(0, 'UNREACHABLE', 'The server does not answer. Is it still running?') })
    if (!response.ok) throw await toApiError(response)
    return await parseBody(response)
  }

  return {
    get: async <T> (path: string): Promise<T> => await request('GET', path) as T,
    post: async <T = void> (path: string, body?: unknown): Promise<T> => await request('POST', path, body) as T,
    delete: async (path: string): Promise<void> => { await request('DELETE', path) }
  }
}

async function parseBody (response: Response): Promise<unknown> {
  return await response.json().catch(() => undefined) as unknown
}

/** What a refusal says. */
export async function toApiError (response: Response): Promise<ApiError> {
  const { status, statusText } = response
  const { code, message } = (await parseBody(response) ?? {}) as { code?: unknown, message?: unknown }
  return new ApiError(
    status,
    typeof code === 'string' ? code : 'UNKNOWN',
    typeof message === 'string' ? message : `The server answered ${status} ${statusText}`.trim()
  )
}

/** What to show of anything that was thrown. */
export function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
