import type { Destination, Egress } from '../../lib/egress.ts'

/**
 * What is not the internet: private networks (RFC 1918, 6598), link-local with the clouds' metadata, loopback, multicast,
 * and what is reserved. 168.63.129.16 looks public and is Azure's metadata on every machine there.
 */
const PRIVATE_RANGES = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '168.63.129.16/32', '169.254.0.0/16', '172.16.0.0/12',
  '192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'
] as const

export interface NetworkRules {
  readonly table: string
  /** The network's own interface on the Engine's host. */
  readonly bridge: string
  readonly egress: Egress
  /** Where the Engine's own DNS asks: Engines of today do so in the container's name. */
  readonly nameservers: readonly string[]
}

const REJECT = 'reject with icmpx type admin-prohibited'
const ANSWERS = 'ct state established,related accept'

/**
 * A table of our own, replaced as a whole in one transaction. Its chains come before the Engine's: what they accept the
 * Engine's may still drop, what they refuse is refused, whatever the Engine adds or flushes. A guest is told at once that
 * it may not; nobody else learns of a container that it is there.
 */
export function renderRules ({ table, bridge, egress, nameservers }: NetworkRules): string {
  const chain = (hook: 'input' | 'forward', rules: readonly string[]): string[] => [
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority -10; policy accept;`,
    ...rules.map((rule) => `    ${rule}`),
    '  }'
  ]
  return [
    `table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    ...chain('input', egress.kind === 'unfiltered' ? [] : toHost(egress, nameservers).map((rule) => `iifname "${bridge}" ${rule}`)),
    ...chain('forward', [
      // Also from one container to another. The published port is reached from the host itself, which does not forward.
      ...[ANSWERS, 'drop'].map((rule) => `oifname "${bridge}" ${rule}`),
      ...egress.kind === 'unfiltered' ? [] : toOthers(egress, nameservers).map((rule) => `iifname "${bridge}" ${rule}`)
    ]),
    '}',
    ''
  ].join('\n')
}

type Filtered = Exclude<Egress, { kind: 'unfiltered' }>

/** The host itself, whatever address of it is asked for: only what the operator has named to the port. */
function toHost (egress: Filtered, nameservers: readonly string[]): string[] {
  const named = egress.kind === 'filtered' ? egress.destinations.filter(({ port }) => port !== undefined) : []
  return [ANSWERS, ...toNameservers(nameservers), ...named.flatMap(accept), REJECT]
}

function toOthers (egress: Filtered, nameservers: readonly string[]): string[] {
  if (egress.kind === 'none') return [ANSWERS, REJECT]
  return [
    ANSWERS,
    `meta nfproto ipv6 ${REJECT}`,
    ...toNameservers(nameservers),
    ...egress.destinations.flatMap(accept),
    ...egress.internet ? [`ip daddr { ${PRIVATE_RANGES.join(', ')} } ${REJECT}`, 'accept'] : [REJECT]
  ]
}

function toNameservers (nameservers: readonly string[]): string[] {
  return nameservers.flatMap((address) => ['udp', 'tcp'].map((protocol) => `ip daddr ${address} ${protocol} dport 53 accept`))
}

function accept ({ cidr, port }: Destination): string[] {
  if (port === undefined) return [`ip daddr ${cidr} accept`]
  return ['tcp', 'udp'].map((protocol) => `ip daddr ${cidr} ${protocol} dport ${port} accept`)
}
