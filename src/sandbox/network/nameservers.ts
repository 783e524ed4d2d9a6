import { isIPv4 } from 'node:net'

/** Where the Engine's DNS asks, from the host's resolv.conf. What is on the host's loopback it asks from the host itself, which needs no rule. */
export function readNameservers (resolvConf: string): string[] {
  const addresses = resolvConf.split('\n').map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? '')
  return [...new Set(addresses)].filter((address) => isIPv4(address) && !address.startsWith('127.'))
}

/** systemd's stub leads to what is in a file of its own, which the Engine then reads instead. */
export function isSystemdStub (resolvConf: string): boolean {
  return /^\s*nameserver\s+127\.0\.0\.53\s*$/m.test(resolvConf) && readNameservers(resolvConf).length === 0
}
