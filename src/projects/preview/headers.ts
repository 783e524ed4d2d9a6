import type { IncomingMessage } from 'node:http'
import { cookiesForApp, setCookieFromApp } from './cookies.ts'
import { carriesKey } from './keys.ts'
import { publicValue } from './public-address.ts'
import { pairs, type RawHeaders } from './raw-headers.ts'

// RFC 9110, 7.6.1: between two hops only. Trailers may be dropped on the way, and are.
const HOP_BY_HOP = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer',
  'transfer-encoding', 'upgrade'
])
// Ours to say, or, for Expect, answered by ourselves.
const REPLACED_FOR_APP = new Set([
  'host', 'origin', 'referer', 'cookie', 'content-length', 'expect', 'forwarded', 'x-forwarded-for', 'x-forwarded-host',
  'x-forwarded-proto', 'x-forwarded-port', 'x-real-ip'
])
// They reach beyond the app's own host: to the cookies of the whole site, and to another port.
const KEPT_FROM_BROWSER = new Set(['clear-site-data', 'alt-svc'])
const BODILESS_METHODS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

export interface RequestContext {
  readonly port: number
  /** Of the preview, as the browser sees it. */
  readonly ownOrigin: string
  readonly clientAddress: string
  readonly protocol: 'http' | 'https'
  readonly isSessionToken: (value: string) => boolean
  /** Whether it is the one that the operator has given the server, which may look like any other. */
  readonly isPredefinedKey: (key: string) => boolean
}

function endToEnd (raw: RawHeaders): Array<[name: string, value: string]> {
  const named = new Set<string>()
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() === 'connection') for (const item of value.split(',')) named.add(item.trim().toLowerCase())
  }
  return [...pairs(raw)].filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !named.has(name.toLowerCase()))
}

/**
 * What the app gets. Development servers refuse a foreign `Host` and `Origin`, so they see themselves at `localhost`;
 * X-Forwarded-Host is left out, because frameworks compare Origin with it rather than with Host. A foreign page's Origin
 * stays as it is, or the app would take its requests for its own.
 */
export function requestHeaders (request: IncomingMessage, context: RequestContext, upgrade?: string): string[] {
  const { port, ownOrigin, clientAddress, protocol, isSessionToken, isPredefinedKey } = context
  const { origin, referer, cookie } = request.headers
  const appOrigin = `${protocol}://localhost:${port}`
  const headers = ['Host', `localhost:${port}`]
  for (const [name, value] of endToEnd(request.rawHeaders)) {
    if (!REPLACED_FOR_APP.has(name.toLowerCase()) && !carriesKey(name, value, isPredefinedKey)) headers.push(name, value)
  }
  if (origin !== undefined) headers.push('Origin', origin.toLowerCase() === ownOrigin ? appOrigin : origin)
  if (referer !== undefined) headers.push('Referer', referer.startsWith(`${ownOrigin}/`) ? appOrigin + referer.slice(ownOrigin.length) : referer)
  const cookies = cookie === undefined ? undefined : cookiesForApp(cookie, isSessionToken)
  if (cookies !== undefined) headers.push('Cookie', cookies)
  headers.push('X-Forwarded-For', clientAddress, 'X-Forwarded-Proto', protocol)
  headers.push(...upgrade === undefined ? ['Connection', 'close', ...framing(request)] : ['Connection', 'Upgrade', 'Upgrade', upgrade])
  return headers
}

/** How the body is delimited, which is between hops; without a body other methods than these must say so. */
function framing ({ method = 'GET', headers }: IncomingMessage): string[] {
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked']
  if (headers['content-length'] !== undefined) return ['Content-Length', headers['content-length']]
  return BODILESS_METHODS.has(method) ? [] : ['Content-Length', '0']
}

/**
 * What the browser gets. Content-Length comes last: node:http writes a Content-Disposition that follows it in another
 * encoding than it came in.
 */
export function responseHeaders (raw: RawHeaders, { port, ownOrigin, requestId }: { port: number, ownOrigin: string, requestId: string }): string[] {
  const headers: string[] = []
  const lengths: string[] = []
  for (const [name, value] of endToEnd(raw)) {
    const lower = name.toLowerCase()
    if (KEPT_FROM_BROWSER.has(lower) || lower === 'x-request-id') continue
    const changed = lower === 'set-cookie' ? setCookieFromApp(value) : publicValue(lower, value, { port, ownOrigin })
    if (changed !== undefined) (lower === 'content-length' ? lengths : headers).push(name, changed)
  }
  headers.push('X-Request-ID', requestId, ...lengths)
  return headers
}
