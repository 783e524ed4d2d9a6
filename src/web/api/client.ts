import { createRest } from '../../client/rest/client.ts'

export type Api = ReturnType<typeof createApi>

/** Calls whose types the pages know; who asks is told by the cookie. */
export function createApi (fetch: typeof globalThis.fetch) {
  const { sendJson } = createRest({ fetch, retries: 0 })
  return {
    get: async <T> (path: string): Promise<T> => await sendJson('GET', path, {}) as T,
    post: async <T = void> (path: string, body?: unknown): Promise<T> => await sendJson('POST', path, { body }) as T,
    put: async (path: string, body: unknown): Promise<void> => { await sendJson('PUT', path, { body }) },
    patch: async <T = void> (path: string, body: unknown): Promise<T> => await sendJson('PATCH', path, { body }) as T,
    delete: async (path: string, body?: unknown): Promise<void> => { await sendJson('DELETE', path, { body }) }
  }
}
