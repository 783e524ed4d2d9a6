import { isIP } from 'node:net'

export type TrustProxy = false | string | ((address: string, hop: number) => boolean)

/**
 * Which proxies are believed, in Fastify's terms. `true` is one: further left in X-Forwarded-For stands what the client
 * itself has written. Undefined for what is neither a number nor a list of addresses.
 */
export function parseTrustProxy (text: string | undefined): TrustProxy | undefined {
  if (text === undefined) return false
  const hops = text === 'true' ? 1 : /^[1-9]\d?$/.test(text) ? Number(text) : undefined
  if (hops !== undefined) return (_address, hop) => hop < hops
  const addresses = text.split(',').map((item) => item.trim())
  return addresses.every(isNetwork) ? addresses.join(', ') : undefined
}

function isNetwork (text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
}
