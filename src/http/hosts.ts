import { isIPv4, isIPv6 } from 'node:net'

export interface HostRules {
  /** What the server was told to listen on. */
  readonly listening: string
  readonly publicUrl: string | undefined
  /** Itself and all names below. */
  readonly previewDomain: string
  /** Further names; `*.example.org` is all below, `*` any. */
  readonly allowed: readonly string[]
  /** X-Forwarded-Host is taken for the name that was asked for. */
  readonly isBehindProxy: boolean
}

/** What is looked at of a request. */
export interface AskedHost {
  readonly url?: string | undefined
  readonly rawHeaders: readonly string[]
  readonly socket?: { readonly localAddress?: string | undefined } | null
}

/** Whether the request is for this server: a page's name that was pointed at this machine is none of its names. */
export type JudgeHost = (request: AskedHost) => boolean

const HOSTNAME = /^(?=.{1,1000}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

/** Judges the names that a request gives for this server: all of them, since somebody before us may believe any. */
export function createHostJudge (rules: HostRules): JudgeHost {
  const { previewDomain, isBehindProxy } = rules
  const names = new Set(['localhost', previewDomain, ...rules.allowed])
  for (const host of [rules.listening, rules.publicUrl === undefined ? '' : new URL(rules.publicUrl).host]) {
    const name = parseHost(host.includes('::') && !host.startsWith('[') ? `[${host}]` : host)
    if (name !== undefined) names.add(name)
  }
  const below = [`.${previewDomain}`, ...rules.allowed.filter((name) => name.startsWith('*.')).map((name) => name.slice(1))]

  function isOurs (text: string, localAddress: string): boolean {
    const name = parseHost(text)
    if (name === undefined) return false
    if (names.has('*') || names.has(name) || below.some((suffix) => name.endsWith(suffix))) return true
    // An address is nobody's domain, so it is ours if the connection came to it.
    return (isIPv4(name) || name.startsWith('[')) && (isLoopback(name) || name === localAddress)
  }

  return (request) => {
    const claimed = claimedHosts(request, isBehindProxy)
    const localAddress = literalOf(request.socket?.localAddress)
    return claimed.length > 0 && claimed.every((text) => isOurs(text, localAddress))
  }
}

function claimedHosts ({ url = '', rawHeaders }: AskedHost, isBehindProxy: boolean): string[] {
  const claimed: string[] = []
  let forwarded: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase()
    const value = rawHeaders[i + 1] ?? ''
    if (name === 'host') claimed.push(value)
    // The last of the list is what the nearest proxy says, and what counts.
    else if (isBehindProxy && name === 'x-forwarded-host') forwarded = value.slice(value.lastIndexOf(',') + 1).trim()
  }
  if (forwarded !== undefined) claimed.push(forwarded)
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1]
  if (authority !== undefined) claimed.push(authority)
  return claimed
}

/** The name of a Host in the one way that we compare, without its port. Undefined for what is none. */
export function parseHost (text: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([^:[\]]{1,1001}))(?::\d{0,5})?$/.exec(text) ?? []
  if (bracketed !== undefined) return isIPv6(bracketed) ? literalOf(bracketed) : undefined
  const name = plain?.toLowerCase().replace(/\.$/, '')
  return name !== undefined && HOSTNAME.test(name) ? name : undefined
}

/** An address as it stands in a Host: IPv6 shortest and in brackets, IPv4 without what IPv6 puts before it. */
function literalOf (address = ''): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const plain = address.split('%')[0] ?? ''
  return isIPv6(plain) ? new URL(`http://[${plain}]`).hostname : plain
}

function isLoopback (literal: string): boolean {
  return literal === '[::1]' || literal.startsWith('127.')
}

/** Whether nobody but this machine can reach a server that listens there. */
export function isLoopbackName (host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
}
