import { isIPv6 } from 'node:net'

/**
 * What counts as one client to a limit: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address of
 * it usually has all of them.
 */
export function clientNetwork (address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const trailing = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - trailing.length)
  const all = [...groups, ...Array<string>(missing).fill('0'), ...trailing]
  return `${all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
