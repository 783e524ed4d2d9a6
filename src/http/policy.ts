/**
 * What a browser may do with an answer that is not a page of ours: a document of its own origin, without scripts, forms
 * and frames, that loads nothing. A 304 replaces the policy of what the browser has stored, so it is the same everywhere.
 */
export const ANSWER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Nothing else has a use for an answer of the API. A browser that sends no Sec-Fetch-Dest has nosniff, the policy and the type.
const DESTINATIONS = new Set(['empty', 'document', 'image', 'audio', 'video', 'track', 'websocket'])

/** What the browser wants to make of the answer, such as a script, if no answer of the API may become that. */
export function forbiddenDestination (headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  if (headers['service-worker'] !== undefined) return 'a service worker'
  const destination = headers['sec-fetch-dest']
  if (destination === undefined || (typeof destination === 'string' && DESTINATIONS.has(destination))) return undefined
  return typeof destination === 'string' && /^[a-z]{1,20}$/.test(destination) ? destination : 'that'
}
