import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../../config.ts'
import { OperationError } from '../errors.ts'

export interface ServerApi {
  readonly call: <Answer>(method: 'GET' | 'POST' | 'PATCH', route: string, body?: object) => Promise<Answer>
  /** A link of the answer's, at the address that people know the server by. */
  readonly publicLink: (link: string) => string
}

const DEADLINE_MS = 30_000
/** Listening everywhere is listening here. */
const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }

/** The running server, asked as its own operator: what an administrator may do on the pages, with the same rules and in the same log. */
export async function openServerApi ({ host, port, apiKey, dataDir, previews }: Pick<Config, 'host' | 'port' | 'apiKey' | 'dataDir' | 'previews'>): Promise<ServerApi> {
  const origin = `http://${EVERYWHERE[host] ?? (host.includes(':') ? `[${host}]` : host)}:${port}`
  const key = apiKey ?? await readFile(path.join(dataDir, 'api-key'), 'utf8').catch((error: Error) => {
    throw new OperationError(`the server's key is needed: set DATA_DIR, or API_KEY, as the server has it (${error.message})`)
  })

  return {
    async call<Answer> (method: string, route: string, body?: object) {
      const response = await fetch(origin + route, {
        method,
        headers: { 'X-API-Key': key.trim(), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        signal: AbortSignal.timeout(DEADLINE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      }).catch((cause: unknown) => {
        throw new OperationError(`no server answers at ${origin}: start it, or set HOST and PORT as it has them`, { cause })
      })
      const answer = await response.json().catch(() => undefined) as Answer & { message?: string, details?: ReadonlyArray<{ field: string, message: string }> } | undefined
      if (response.ok && answer !== undefined) return answer
      const details = answer?.details?.map(({ field, message }) => `${field} ${message}`).join('; ')
      throw new OperationError(details ?? answer?.message ?? `the server answered ${response.status}`)
    },

    publicLink (link) {
      return previews.publicUrl === undefined ? link : link.replace(/^https?:\/\/[^/]+/, previews.publicUrl.replace(/\/$/, ''))
    }
  }
}
