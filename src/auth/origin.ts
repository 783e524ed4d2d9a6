const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

interface Asked {
  readonly method: string
  readonly protocol: string
  readonly host: string
  readonly headers: { readonly origin?: string | undefined, readonly upgrade?: string | undefined }
}

/**
 * Tells whether the page that sends the request is one of ours or of CORS_ORIGINS. `https` at our own name is ours also
 * when we are asked by plain HTTP: then somebody terminates TLS before us. A request without Origin is not from a page.
 */
export function isAllowedOrigin ({ protocol, host, headers: { origin } }: Asked, allowed: readonly string[]): boolean {
  if (origin === undefined) return false
  return origin === `${protocol}://${host}` || origin === `https://${host}` || allowed.includes(origin)
}

/** A cookie comes along with whatever page makes the browser ask: what changes something, or opens a socket, needs the right Origin. */
export function needsOrigin ({ method, headers }: Asked): boolean {
  return !SAFE_METHODS.has(method) || headers.upgrade !== undefined
}
