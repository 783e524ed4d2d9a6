/** A preview as the browser sees it. */
interface Seen {
  readonly port: number
  readonly ownOrigin: string
}

// A scheme or none, any two slashes, and what is up to the path: browsers take a backslash for a slash.
const AUTHORITY = /^\s*(https?:)?[\\/]{2}([^\\/?#]*)/i
const REFRESH = /^([\s\d.]*[;,]?\s*(?:url\s*=\s*)?['"]?)(.*)$/i
const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 } as const

/** A header's value of an app that takes itself for `localhost`: an address there leads to the preview of that port. */
export function publicValue (lowerName: string, value: string, seen: Seen): string {
  switch (lowerName) {
    case 'location':
    case 'content-location':
    case 'access-control-allow-origin':
      return publicAddress(value, seen)
    case 'refresh': {
      const [, delay = '', address = value] = REFRESH.exec(value) ?? []
      return delay + publicAddress(address, seen)
    }
    default:
      return value
  }
}

/** By the host that it means, however it is spelled; what follows the host stays byte by byte. */
function publicAddress (address: string, { port: ownPort, ownOrigin }: Seen): string {
  const [head, scheme = '', authority = ''] = AUTHORITY.exec(address) ?? []
  if (head === undefined) return address
  const protocol = scheme.toLowerCase() === 'https:' ? 'https:' : 'http:'
  const url = parse(`${protocol}//${authority}`)
  if (url === undefined || !isThisMachine(url.hostname)) return address
  // Without a scheme it is that of the page, which the browser has from us.
  const port = url.port !== '' ? Number(url.port) : scheme === '' ? ownPort : DEFAULT_PORTS[protocol]
  return previewOrigin(ownOrigin, port) + address.slice(head.length).replace(/^\\/, '/')
}

function parse (text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/** Every spelling of it has become one by parsing: `127.1`, `0x7f000001`, `[0:0:0:0:0:0:0:1]`. */
function isThisMachine (hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  return name === 'localhost' || name === '0.0.0.0' || name === '[::1]' || name === '[::]' || /^127(\.\d{1,3}){3}$/.test(name) || /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(name)
}

function previewOrigin (ownOrigin: string, port: number): string {
  return ownOrigin.replace(/^(https?:\/\/)\d+--/, `$1${port}--`)
}
