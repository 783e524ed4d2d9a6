/** Of the cookie that opens a private preview; `__Host-` keeps other hosts from setting it, and needs Secure. */
const GRANT_COOKIES = { secure: '__Host-berth-preview', plain: 'berth-preview' } as const

const ours = new Set<string>(Object.values(GRANT_COOKIES))
/** Of Berth itself. Browsers do not send it here; whoever does by hand gives it away. */
const SESSION_COOKIES = new Set(['jwt', '__Host-jwt'])

interface CookiePair {
  readonly name: string
  readonly value: string
  readonly text: string
}

function parsePairs (header: string | undefined): CookiePair[] {
  return (header ?? '').split(';').map((part) => {
    const text = part.trim()
    const at = text.indexOf('=')
    return { name: text.slice(0, Math.max(at, 0)).trim(), value: text.slice(at + 1).trim(), text }
  }).filter(({ text }) => text !== '')
}

/** All that are sent: another path or another subdomain may have set one of the same name beside ours. */
export function presentedGrants (header: string | undefined): string[] {
  return parsePairs(header).filter(({ name }) => ours.has(name)).map(({ value }) => value)
}

/** What the app may see of a Cookie header; undefined when nothing is left. An app's own `jwt` stays. */
export function cookiesForApp (header: string, isSessionToken: (value: string) => boolean): string | undefined {
  const kept = parsePairs(header).filter(({ name, value }) => !ours.has(name) && !(SESSION_COOKIES.has(name) && isSessionToken(value)))
  return kept.length === 0 ? undefined : kept.map(({ text }) => text).join('; ')
}

/**
 * A Set-Cookie of the app as the browser may see it: for its own host only, and not one of ours. Undefined if there is
 * nothing left of it.
 */
export function setCookieFromApp (header: string): string | undefined {
  const [pair = '', ...attributes] = header.split(';')
  const name = pair.slice(0, Math.max(pair.indexOf('='), 0)).trim()
  // Browsers compare the prefix, and some take names, without regard to case.
  if (ours.has(name) || [...ours].some((own) => own.toLowerCase() === name.toLowerCase())) return undefined
  return [pair, ...attributes.filter((attribute) => !/^\s*domain\s*(=|$)/i.test(attribute))].join(';')
}

/**
 * Partitioned, so that a preview can be a frame of our own pages, to which it is another site, and of nobody else's. Plain HTTP
 * has a plain one too: only some browsers, and only on loopback, keep a secure cookie from there.
 */
export function grantCookies (value: string, isSecure: boolean): string[] {
  const framed = `${GRANT_COOKIES.secure}=${value}; Path=/; HttpOnly; SameSite=None; Secure; Partitioned`
  return isSecure ? [framed] : [`${GRANT_COOKIES.plain}=${value}; Path=/; HttpOnly; SameSite=Lax`, framed]
}
