import { sleep } from '../connection/sleep.ts'
import { ApiError, toApiError } from './error.ts'
import { pathOf, type Answer, type Arguments, type Call, type LooseInput } from './request.ts'

export interface RestOptions {
  readonly fetch?: typeof globalThis.fetch
  /** Where Berth is; without it, where the page is from. */
  readonly origin?: string
  /** An API key, or how to get one. Without it a browser sends its cookie, which scripts cannot see. */
  readonly key?: Key | undefined
  /** How often to try again when the server asks for it by Retry-After. */
  readonly retries?: number
}

/** Asked for each time, so that a key may be a short-lived one. */
export type Key = string | (() => string | Promise<string>)

export type Rest = ReturnType<typeof createRest>

// Whoever is to wait longer is told so.
const LONGEST_WAIT_MS = 10_000

/** Typed calls of the HTTP API. What it refuses is an ApiError. */
export function createRest ({ fetch = globalThis.fetch.bind(globalThis), origin = '', key, retries = 2 }: RestOptions = {}) {
  async function attempt (path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (key !== undefined) headers.set('X-API-Key', await keyOf(key))
    const response = await fetch(origin + path, { ...init, headers, ...(key === undefined ? {} : { credentials: 'omit' }) }).catch((error: unknown) => {
      if (init.signal?.aborted === true) throw error
      throw new ApiError({ status: 0, code: 'UNREACHABLE', message: 'The server does not answer. Is it still running?' }, { cause: error })
    })
    if (!response.ok && response.status !== 304) throw await toApiError(response)
    return response
  }

  /** A call that is not of JSON: the response as it is. What is refused throws an ApiError. */
  async function send (method: string, path: string, init: RequestInit = {}): Promise<Response> {
    for (let retry = 0; ; retry++) {
      try {
        return await attempt(path, { ...init, method })
      } catch (error) {
        if (!(error instanceof ApiError) || retry >= retries || !canBeRepeated(method, init.body, error)) throw error
        await sleep(error.retryAfterMs ?? 0, init.signal ?? undefined)
      }
    }
  }

  async function sendJson (method: string, path: string, { body, signal }: LooseInput): Promise<unknown> {
    const response = await send(method, path, {
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal })
    })
    const text = await response.text()
    if (text === '') return undefined
    return response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text
  }

  return {
    send,
    sendJson,
    /** `rest.call('GET /projects/{id}', { params: { id } })`: the answer of a call by its method and path. */
    call: async <Name extends Call> (name: Name, ...[given]: Arguments<Name>): Promise<Answer<Name>> => {
      const input: LooseInput = given ?? {}
      const [method = '', template = ''] = name.split(' ')
      return await sendJson(method, pathOf(template, input), input) as Answer<Name>
    }
  }
}

export async function keyOf (key: Key): Promise<string> {
  return typeof key === 'string' ? key : await key()
}

/**
 * Of a request that was refused for its number nothing was done. What failed for another reason may have been begun, so
 * only what looks is repeated then. A stream can be sent once.
 */
function canBeRepeated (method: string, body: RequestInit['body'], { status, retryAfterMs }: ApiError): boolean {
  if (retryAfterMs === undefined || retryAfterMs > LONGEST_WAIT_MS || body instanceof ReadableStream) return false
  return status === 429 || (status === 503 && (method === 'GET' || method === 'HEAD'))
}
