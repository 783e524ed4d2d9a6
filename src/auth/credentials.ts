import type { FastifyRequest } from 'fastify'
import { KEY_PROTOCOL } from '../protocols/sockets.ts'
import { sessionCookie } from './cookie.ts'

export type Credentials =
  | { readonly kind: 'key', readonly key: string }
  | { readonly kind: 'cookie', readonly token: string }

/** What the caller presents. A key counts for more than a cookie: it was sent on purpose. */
export function presentedCredentials (request: FastifyRequest): Credentials | undefined {
  const header = request.headers['x-api-key']
  if (typeof header === 'string') return { kind: 'key', key: header }
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return { kind: 'key', key: bearer }
  const offered = socketKey(request)
  if (offered !== undefined) return { kind: 'key', key: offered }
  const token = sessionCookie.read(request)
  return token === undefined || token === '' ? undefined : { kind: 'cookie', token }
}

/** A page cannot set other headers of a WebSocket. */
function socketKey ({ headers }: FastifyRequest): string | undefined {
  if (headers.upgrade === undefined) return undefined
  const protocols = headers['sec-websocket-protocol']?.split(',') ?? []
  return protocols.map((name) => name.trim()).find((name) => name.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length)
}
