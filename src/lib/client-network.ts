import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * What counts as one client to a limit: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address of
 * it usually has all of them.
 */
export function clientNetwork (address: string): string {
  if (!isIPv6(address)) return address
  // The zone of a link-local address is an interface's name, which may be anything.
  const parsed = ipaddr.process(address.replace(/%.*/, ''))
  return parsed instanceof ipaddr.IPv6 ? `${parsed.parts.slice(0, 4).map((part) => part.toString(16)).join(':')}::/64` : parsed.toString()
}
