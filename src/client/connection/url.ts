/** The address of a socket on the server that the page is from. */
export function socketUrl (path: string): URL {
  const url = new URL(path, location.href)
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return url
}
