import { isIPv4, isIPv6 } from 'node:net'

/** IPv4 addresses that projects may reach, on all ports or on one. */
export interface Destination {
  readonly cidr: string
  readonly port: number | undefined
}

/** What projects may reach. */
export type Egress =
  | { readonly kind: 'none' }
  /** No rules at all: whatever the Engine lets through. */
  | { readonly kind: 'unfiltered' }
  | { readonly kind: 'filtered', readonly internet: boolean, readonly destinations: readonly Destination[] }

export class EgressError extends Error {
  override readonly name = 'EgressError'
}

/** Reads `internet`, `none`, `unfiltered`, or a list of `internet`, addresses, CIDRs and `address:port`. Throws EgressError. */
export function parseEgress (text: string): Egress {
  const items = text.split(',').map((item) => item.trim())
  const [first = ''] = items
  if (items.length === 1 && (first === 'none' || first === 'unfiltered')) return { kind: first }
  return {
    kind: 'filtered',
    internet: items.includes('internet'),
    destinations: items.filter((item) => item !== 'internet').map(parseDestination)
  }
}

function parseDestination (item: string): Destination {
  const [, address = '', prefix, port] = /^([\d.]+)(?:\/(\d{1,2}))?(?::(\d{1,5}))?$/.exec(item) ?? []
  if (isIPv6(item.replace(/\/\d+$/, ''))) throw new EgressError(`${JSON.stringify(item)} is IPv6, and the network of projects has IPv4 only`)
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535)
  if (!isIPv4(address) || Number(prefix ?? 32) > 32 || !isPort) {
    throw new EgressError(`${JSON.stringify(item)} is none of internet, an IPv4 address, a CIDR such as 10.1.2.0/24, or address:port; none and unfiltered stand alone`)
  }
  return { cidr: `${address}/${prefix ?? '32'}`, port: port === undefined ? undefined : Number(port) }
}

export function describeEgress (egress: Egress): 'internet' | 'none' | 'list' | 'unfiltered' {
  if (egress.kind !== 'filtered') return egress.kind
  return egress.internet && egress.destinations.length === 0 ? 'internet' : 'list'
}
